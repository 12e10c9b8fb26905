#!/bin/bash
# `list results`: the campaigns below a folder with what can be told of them without reading results,
# the filters, the JSON, and directories that are damaged.
source "$(dirname "$0")/common.sh"

make=$build/tests/pressroom_make_campaign
validate=$build/tests/pressroom_validate_json
holder=
trap '[ -z "$holder" ] || kill "$holder" 2> /dev/null || true; rm -rf "$work"' EXIT

list() {
  observe "$pressroom" list results "$@"
  expect_code 0 "list results $*"
}
# shows DIRECTORIES ARGUMENT...: those that the table has then, in its order.
shows() {
  local expected=$1 directories
  shift
  list "$@"
  directories=$(awk 'NR > 1 { if ($0 == "") exit; print $NF }' out | paste -s -d ' ')
  [ "$directories" = "$expected" ] || fail "list results $* shows $directories, not $expected"
}
# says LINE: as an extended regular expression.
says() { grep -qE -- "^$1\$" out || fail "the table has no line like $1: $(cat out)"; }

list
[ ! -s out ] || fail "something is shown where nothing is: $(cat out)"
grep -qF "there is no campaign here" err || fail "no message: $(cat err)"
mkdir -p results/nothing/in/here
list
[ ! -s out ] || fail "empty folders are shown: $(cat out)"

# A campaign that a run left, one with cells that failed, one that is whole and one that is not.
campaign noted.yaml "name: noted" "tags: [paper, second]" "notes: 'Before the fix.'" \
  "methods: [streaming_llm, {name: h2o, group: heavy hitters}]"
observe "$pressroom" run noted.yaml --out results/noted
expect_code 0 "a run"
campaign bad.yaml "name: bad" "tags: paper" "methods: [streaming_llm, throws_late]"
observe "$pressroom" run bad.yaml --plugin-dir "$plugins" --out results/bad
expect_code 1 "a run with a method that fails"
"$make" results/deep/er/half 8 4
"$make" results/deep/whole 8
touch -d 2026-01-02T03:04:00Z results/deep/er/half/plan.json
touch -d 2026-01-01T00:00:00Z results/deep/whole/plan.json
time="[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}"
list
says "name +date \(UTC\) +model +cells +failed +state +tags +directory"
says "noted +$time +tiny +3/3 +0 +finished +paper, second +results/noted"
says "bad +$time +tiny +3/3 +1 +failed +paper +results/bad"
says "made up +2026-01-02 03:04 +starter +4/8 +0 +unfinished +results/deep/er/half"
says "made up +2026-01-01 00:00 +starter +8/8 +0 +finished +results/deep/whole"

# The latest first; filters, alone and together.
all="results/bad results/noted results/deep/er/half results/deep/whole"
shows "$all"
shows "$all" results
shows "results/deep/er/half results/deep/whole" results/deep
shows "results/noted results/deep/er/half results/deep/whole" results/deep results/noted
shows "results/bad results/noted" --tag paper
shows "results/noted" --tag paper --tag second
shows "results/deep/er/half results/deep/whole" --model starter
shows "results/bad results/noted" --model 'ti*'
shows "results/bad results/noted" --model "$tiny"
shows "results/bad" --state failed
shows "results/deep/er/half" --state unfinished
shows "results/noted results/deep/whole" --state finished
shows "results/bad results/noted results/deep/er/half" --since 2026-01-02
shows "results/bad results/noted" --since 2026-01-02T03:04:01Z
shows "results/noted" --name 'n?ted'
shows "results/deep/whole" --model starter --state finished
shows "" --tag paper --model starter
grep -qF "none of the campaigns here is asked for by these filters" err || fail "no message: $(cat err)"

# A directory that is named itself: notes and groups, too.
list results/noted
says "  notes: Before the fix\."
says "  methods, heavy hitters: h2o"

# Links are followed, once, and not in a circle.
ln -s ../.. results/deep/up
ln -s noted results/a_link
mkdir elsewhere
"$make" elsewhere/far 8
ln -s "$PWD/elsewhere" results/elsewhere
touch -d 2025-01-01T00:00:00Z elsewhere/far/plan.json
shows "$all results/elsewhere/far"
rm results/elsewhere results/deep/up results/a_link

# A process works on one.
sleep 60 &
holder=$!
mkdir results/deep/er/half/leases
printf '{"schema":"pressroom.lease/1","host":"here","boot_id":"%s","pid_namespace":"%s","pid":%s,"started":%s,"seconds":60}\n' \
  "$(cat /proc/sys/kernel/random/boot_id)" "$(readlink /proc/self/ns/pid)" "$holder" \
  "$(cut -d' ' -f22 "/proc/$holder/stat")" > results/deep/er/half/leases/.holder-here
shows "results/deep/er/half" --state running
kill "$holder"
wait "$holder" 2> /dev/null || true
holder=
shows "results/deep/er/half" --state unfinished

# Within another campaign; what a campaign was before is no campaign of its own.
"$make" results/noted/inner 8
touch -d 2035-01-01T00:00:00Z results/noted/inner/plan.json
mkdir -p results/noted/history
cp -r results/deep/whole results/noted/history/1
shows "results/noted/inner results/noted" results/noted --since 2026-01-03
rm -r results/noted/inner results/noted/history

# A damaged directory is a line that says so. Nothing was asked of it that it could not tell, unless
# there are filters.
cp -r results/deep/whole results/torn
head -c 2000 results/deep/whole/plan.json > results/torn/plan.json
cp -r results/deep/whole results/changed
sed -i 's/seeds/# seeds/' results/changed/config.yaml
cp -r results/deep/whole results/bare
rm results/bare/config.yaml
list
says "made up +2026-01-01 00:00 +starter +8/8 +0 +finished +results/deep/whole"
says " *made up +$time +starter +damaged +results/torn"
says "made up +$time +starter +8/8 +0 +damaged +results/changed"
says "made up +$time +8/8 +0 +damaged +results/bare"
says "results/torn: the plan is not whole: results/torn/plan.json .*"
says "results/changed: a file of the campaign was changed after it was written: results/changed/config.yaml .*"
says "results/bare: a file of the campaign cannot be read: results/bare/config.yaml .*"
[ "$(grep -c '^results/.*: ' out)" = 3 ] || fail "not one line for each: $(cat out)"
! grep -q "may have been left out" err || fail "a warning without a reason: $(cat err)"
list --state damaged
[ "$(grep -c 'damaged' out)" = 3 ] || fail "not every damaged one is shown: $(cat out)"
shows "results/bad results/noted" --tag paper
grep -qF "3 campaigns are damaged, and may have been left out" err || fail "no warning: $(cat err)"

# For programs.
list --json
"$validate" "$source/docs/schemas/campaign_list.schema.json" out > told || fail "the JSON: $(cat told)"
[ "$(grep -c '"directory"' out)" = 7 ] || fail "not every campaign is in the JSON: $(cat out)"
list --json results/nothing
"$validate" "$source/docs/schemas/campaign_list.schema.json" out > told || fail "the JSON: $(cat told)"

refuses list_results_missing "$pressroom" list results nowhere
refuses list_results_file "$pressroom" list results noted.yaml
refuses list_results_state "$pressroom" list results --state done
refuses list_results_since "$pressroom" list results --since yesterday
refuses list_results_option "$pressroom" list results --tags paper
passed 5
