#!/bin/bash
# `on_end`: the command of a config that follows a run. What it is told however the run ends, once
# for each run; and which commands never run it.
source "$(dirname "$0")/common.sh"

validate=$build/tests/pressroom_validate_json
schema=$source/docs/schemas/run_summary.schema.json
# ran CODE ARGUMENT...: a run that ends so; what the command was told is in the file told.
ran() {
  local expected=$1
  shift
  rm -f told
  observe "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results "$@"
  expect_code "$expected" "run $*"
}
# told STATE RUN FAILED REUSED WAITING: and by one call.
told() {
  local code=0
  [ -e told ] || fail "nothing was told: $(cat err)"
  [ "$(wc -l < told)" = 1 ] || fail "not one line was told: $(cat told)"
  "$validate" "$schema" told > wrong || fail "the summary: $(cat wrong told)"
  local counts="\"run\":$2,\"failed\":$3,\"reused\":$4,\"waiting\":$5}"
  grep -qF "\"state\":\"$1\"" told && grep -qF "$counts" told || code=1
  [ "$code" = 0 ] || fail "not $1 and $counts: $(cat told)"
}

campaign campaign.yaml "tags: [paper, second]" "on_end: 'cat >> told; echo it has ended'"
ran 0
told finished 3 0 0 0
for part in '"name":"tiny"' "\"directory\":\"$PWD/results\"" '"tags":["paper","second"]' \
  '"exit_code":0' '"planned":3'; do
  grep -qF "$part" told || fail "it was not told $part: $(cat told)"
done
# It is said before the run, and what it says goes to the log, behind the results.
[ "$(head -n 1 err)" = "info: on_end: cat >> told; echo it has ended" ] || fail "not said: $(cat err)"
[ "$(tail -n 1 err)" = "info: on_end: it has ended" ] || fail "it was not heard: $(cat err)"
! grep -q "it has ended" out || fail "it is among the results: $(cat out)"
ran 0
told finished 0 0 3 0

# Once for a run, however many workers it has; and without workers.
rm -r results
ran 0 --workers 3
told finished 3 0 0 0
rm -r results
ran 0 --in-process
told finished 3 0 0 0
# Results go under the campaign's name, which the supervisor has from the file alone.
rm -f told
observe "$pressroom" run campaign.yaml
expect_code 0 "without --out"
grep -qF "\"directory\":\"$PWD/results/tiny\"" told || fail "another directory: $(cat told)"

# Cells that fail.
rm -r results
ran 1 --methods streaming_llm throws_late
told failed 2 1 0 0
grep -qF '"exit_code":1' told || fail "another exit code: $(cat told)"

# Interrupted.
rm -r results
"$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results \
  --methods streaming_llm '{name: slow, pause_us: 5000}' > out 2> err &
victim=$!
for _ in $(seq 200); do
  [ "$(cells results 2> /dev/null | wc -l)" -lt 2 ] || break
  sleep 0.05
done
rm -f told
kill -s INT "$victim"
code=0
wait "$victim" || code=$?
expect_code 3 "Ctrl-C"
told interrupted 2 0 0 1
[ "$(tail -n 1 err)" = "warning: interrupted; run the same command again to finish" ] ||
  fail "another end: $(cat err)"

# Not where the request was wrong, and nothing has run.
rm -r results
ran 2 --methods no_such_method
[ ! -e told ] || fail "a wrong request was told of: $(cat told)"
ran 2 --context 60000
[ ! -e told ] || fail "a text that is too short was told of: $(cat told)"
ran 0 --dry-run
[ ! -e told ] || fail "a dry run was told of: $(cat told)"
observe "$pressroom" check campaign.yaml
[ ! -e told ] || fail "check ran it"

# Its own failure is a warning.
ran 0 --set on_end='echo no mail >&2; exit 7'
grep -qF "info: on_end: no mail" err || fail "it was not heard: $(cat err)"
grep -q "^warning: .*: the command for the end of the run (on_end) went wrong" err ||
  fail "no warning: $(cat err)"
grep -qF "got:      exit code 7" err || fail "no reason: $(cat err)"
rm -r results
ran 1 --methods streaming_llm throws_late --set on_end='exit 7'

# The directory's config has it; whoever works on, repeats or reads the directory does not run it.
rm -r results
ran 0
grep -q "^on_end: " results/config.yaml || fail "the config does not say it: $(cat results/config.yaml)"
rm -f told results/h2o_*.json
for command in "work results" "reproduce results --sample 1" "report results" "compare results" \
  "watch results --once" "list results results"; do
  # shellcheck disable=SC2086
  observe "$pressroom" $command
  expect_code 0 "$command"
  [ ! -e told ] || fail "$command ran it: $(cat told)"
  ! grep -q "on_end" err || fail "$command speaks of it: $(cat err)"
done
# Given as a config of its own, it is asked for, and said.
observe "$pressroom" run results/config.yaml --out results
expect_code 0 "the directory's config, run"
grep -qF "info: on_end: cat >> told" err || fail "it was run unseen: $(cat err)"
told finished 0 0 3 0
echo "on_end: passed"
