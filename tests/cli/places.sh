#!/bin/bash
# Where a campaign's directory may lie, and who may have made it: a disk that fills up, one that is
# only read, a file system without links, a clock that is set back, another user's, another
# version's. One clear error each; once the cause is gone the campaign is finished.
source "$(dirname "$0")/common.sh"

odd=$build/tests/libpressroom_odd_machine.so
campaign campaign.yaml "methods: [streaming_llm, h2o, knorm]" "sparsity: [0.5, 0.75]" "seeds: [1, 2]"
observe "$pressroom" run campaign.yaml --out alone
expect_code 0 "the undisturbed campaign"
without_times alone alone.timeless

# finished DIRECTORY WHAT: what is there now is the undisturbed campaign.
finished() {
  rm -rf timeless
  without_times "$1" timeless
  diff -r alone.timeless timeless || fail "$2: other results than undisturbed"
  expect_no_partial "$1"
  [ -z "$(find "$1/leases" -type f)" ] || fail "$2: leases stay: $(ls -A "$1/leases")"
}

# In a mount name space of its own, where this user may have one.
if [ "$(id -u)" = 0 ]; then apart=(unshare -m); else apart=(unshare -Urm); fi
if "${apart[@]}" mount -t tmpfs -o size=2m none /mnt 2> why; then
  cat > full.sh << 'END'
set -e
mkdir -p small
mount -t tmpfs -o size=2m none small
head -c 2052000 /dev/zero > small/filler   # room for some of the cells
code=0
"$@" --out small/results > out 2> err || code=$?
[ "$code" = 2 ] || { echo "a full disk: exit code $code: $(cat out err)"; exit 1; }
[ "$(grep -c '^error' err)" = 1 ] || { echo "a full disk: $(cat err)"; exit 1; }
grep -q 'No space left on device' err || { echo "a full disk: $(cat err)"; exit 1; }
grep -q '^  do: ' err || { echo "a full disk: $(cat err)"; exit 1; }
[ "$(ls small/results/*_seed*.json | wc -l)" -ge 1 ] || { echo "a full disk: no cell had room"; exit 1; }
rm small/filler
"$@" --out small/results > out 2> err || { echo "with room again: exit code $?: $(cat err)"; exit 1; }
mount -o remount,ro small
code=0
"$@" --out small/results > out 2> err || code=$?
[ "$code" = 2 ] || { echo "a read-only disk: exit code $code: $(cat out err)"; exit 1; }
cp err read_only
cp -r small/results results
END
  observe "${apart[@]}" bash full.sh "$pressroom" run campaign.yaml
  expect_code 0 "a disk that fills up"
  finished results "a disk that fills up"
  expect_approved place_read_only < read_only
  count=$((count + 1))
else
  echo "NOT TESTED: a full and a read-only disk, as none can be mounted: $(cat why)"
fi

refuses place_without_links env LD_PRELOAD="$odd" NO_LINKS=1 "$pressroom" run campaign.yaml --out bare
[ -z "$(find bare -type f)" ] || fail "without links it left $(find bare -type f)"
observe "$pressroom" run campaign.yaml --out bare
expect_code 0 "with links"
finished bare "with links"

# Of two processes one has its clock set back an hour while they share the cells.
campaign slow.yaml "methods: [{name: slow, pause_us: 3000}, {name: slow, as: again, pause_us: 3000}]" \
  "sparsity: [0.5, 0.75]" "seeds: [1, 2, 3]"
env LD_PRELOAD="$odd" CLOCK_AFTER=2:-3600 "$pressroom" run slow.yaml --plugin-dir "$plugins" \
  --out clocks --workers 2 > first 2>&1 &
run=$!
for _ in $(seq 200); do [ ! -e clocks/plan.json ] || break; sleep 0.05; done
observe "$pressroom" work clocks --plugin-dir "$plugins"
expect_code 0 "work beside a clock that is set back"
code=0
wait "$run" || code=$?
[ "$code" = 0 ] || fail "a clock that is set back: exit code $code: $(cat first)"
[ "$(cells clocks | wc -l)" = 15 ] || fail "$(cells clocks | wc -l) cells instead of 15"
[ "$(grep -c '"event":"cell"' clocks/events.jsonl)" = 15 ] || fail "a cell was run twice"
python3 - clocks/events.jsonl << 'END' || fail "the clock was not set back, or no time was measured"
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
times = [event["time"] for event in events]
assert times != sorted(times), "all times in order"
assert all(event["seconds"] > 0 for event in events if event["event"] == "cell"), "a time is negative"
END

# A user who keeps what they make to themselves, and another one.
if [ "$(id -u)" = 0 ] && command -v setpriv > none; then
  as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }
  chmod 755 .
  mkdir ours
  chmod 777 ours
  if as 65533 test -x "$pressroom" -a -r "$tiny/config.json"; then
    observe as 65533 bash -c 'umask 077; "$@"' - "$pressroom" run campaign.yaml --out ours/results
    expect_code 0 "the first user"
    rm ours/results/h2o_*seed2.json
    refuses place_of_another_user as 65532 "$pressroom" run campaign.yaml --out ours/results
    refuses place_of_another_user_work as 65532 "$pressroom" work ours/results
    observe as 65533 "$pressroom" run campaign.yaml --out ours/results
    expect_code 0 "the first user once more"
    finished ours/results "two users"
  else
    echo "NOT TESTED: two users, as others may not read $build"
  fi
else
  echo "NOT TESTED: two users, as only root can be two"
fi

# A directory whose plan does not say what its cells are made from, as versions before wrote it.
cp -r alone before
rm before/h2o_*seed2.json
python3 - before/plan.json << 'END'
import hashlib, json, sys
plan = json.load(open(sys.argv[1]))
del plan["run"], plan["limits"], plan["sha256"]
for cell in plan["cells"]:
    del cell["content_key"]
body = json.dumps(plan, separators=(",", ":"), ensure_ascii=False)
plan["sha256"] = hashlib.sha256(body.encode()).hexdigest()
json.dump(plan, open(sys.argv[1], "w"), ensure_ascii=False)
END
refuses place_of_another_version "$pressroom" work before
observe "$pressroom" run campaign.yaml --out before
expect_code 0 "a run in a directory of the version before"
finished before "a run in a directory of the version before"
[ "$(grep -c '"event":"cell"' before/events.jsonl)" = 16 ] || fail "results of the version before were run again"
passed 2
