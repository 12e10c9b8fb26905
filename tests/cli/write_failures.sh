#!/bin/bash
# Whichever write of a command fails, for want of room or of a disk, it says so once and does not end
# with 0; the next run finishes with the results of an undisturbed one.
source "$(dirname "$0")/common.sh"

shim=$build/tests/libpressroom_failing_writes.so

# disturbed FOLDER CALL COMMAND...: the command, whose call number CALL below FOLDER fails.
disturbed() {
  local folder=$1 call=$2 with=EIO
  shift 2
  [ $((call % 2)) = 1 ] || with=ENOSPC
  : > failed
  observe env LD_PRELOAD="$shim" FAILING_UNDER="$folder" FAILING_CALL="$call" \
    FAILING_WITH="$with" FAILING_LOG="$PWD/failed" "$@"
}

# expect_one_error WHAT: the command that was disturbed did not end well, and said why in one error.
expect_one_error() {
  [ "$code" != 0 ] || fail "$1: $(cat failed) failed and the exit code is 0; it said: $(cat err)"
  [ "$code" -lt 128 ] || fail "$1: $(cat failed) failed and the exit code is $code: $(cat err)"
  [ "$(grep -c '^error' err)" = 1 ] || fail "$1: $(cat failed) failed and it said: $(cat err)"
  grep -qE 'Input/output error|No space left on device' err ||
    fail "$1: $(cat failed) failed and it does not say so: $(cat err)"
  grep -q '^  do: ' err || fail "$1: an error without what to do: $(cat err)"
}

# every_second_call FIRST FOLDER COMMAND...: the command with its calls FIRST, FIRST + 2, ... failing,
# in a folder of its own; after some, `fixed` is called. Prints how many it had.
every_second_call() {
  local call=$1 folder=$2 calls=0
  shift 2
  while :; do
    rm -rf "$folder"
    [ ! -e "../$folder.before" ] || cp -r "../$folder.before" "$folder"
    disturbed "$PWD/$folder" "$call" "$@"
    [ -s failed ] || break
    expect_one_error "call $call of $*"
    [ $((call % 7)) != 0 ] || fixed "call $call, $(cat failed)"
    call=$((call + 2))
    calls=$((calls + 1))
  done
  expect_code 0 "$* with nothing to disturb"
  echo "$calls"
}

# each_call LEAST FOLDER COMMAND...: the command with each of its calls below FOLDER failing in turn,
# at least LEAST of them, in two folders at once.
each_call() {
  local least=$1 first lanes=() calls=0 lane
  shift
  for first in 1 2; do
    rm -rf "lane$first"
    mkdir "lane$first"
    (cd "lane$first" && every_second_call "$first" "$@" > calls) &
    lanes+=($!)
  done
  for lane in "${lanes[@]}"; do wait "$lane" || exit 1; done
  calls=$(($(cat lane1/calls) + $(cat lane2/calls)))
  [ "$calls" -ge "$least" ] || fail "only $calls calls of $*"
  echo "$calls calls of $3"
}

# A campaign.
campaign campaign.yaml "methods: [h2o]" "traces: true" "protocol: {context: 64, documents: 1}"
"$pressroom" run campaign.yaml --out undisturbed > undisturbed.log 2>&1
without_times undisturbed expected
fixed() {
  observe "$pressroom" run ../campaign.yaml --out results
  expect_code 0 "the run after $1"
  expect_no_partial results
  rm -rf found
  without_times results found
  diff -r ../expected found || fail "other results after $1"
}
each_call 60 results "$pressroom" run ../campaign.yaml --out results

# What is made of one: the page, a trace.
mv undisturbed report.before
rm -f report.before/report.html
fixed() { expect_no_partial report; }
each_call 4 report "$pressroom" report report --no-figures
head -c 64 "$prose" > short.txt
fixed() { expect_no_partial trace; }
mkdir trace.before
each_call 4 trace "$pressroom" score --model "$tiny" --text ../short.txt --method h2o \
  --budget 16 --trace trace/h2o.trace

# A new plugin is there as a whole or not at all.
mkdir projects
for ((call = 1; ; ++call)); do
  disturbed "$PWD/projects" "$call" "$pressroom" plugin new method mine --dir projects/mine
  [ -s failed ] || break
  expect_one_error "call $call of plugin new"
  [ -z "$(ls -A projects)" ] || fail "call $call of plugin new, $(cat failed): it left $(ls -A projects)"
done
expect_code 0 "plugin new with nothing to disturb"
[ "$call" -gt 20 ] || fail "only $call calls of plugin new"

# What is printed.
for stream in 1 2; do
  for command in "run campaign.yaml --out printed" "compare report.before" "report report.before --no-figures"; do
    code=0
    # shellcheck disable=SC2086
    if [ $stream = 1 ]; then
      "$pressroom" $command > /dev/full 2> err || code=$?
      grep -q '^error' err || fail "$command, standard output full: it said nothing"
    else
      case $command in run*) rm -rf printed ;; *) continue ;; esac
      "$pressroom" $command > out 2> /dev/full || code=$?
    fi
    [ "$code" = 2 ] || fail "$command, descriptor $stream full: exit code $code"
  done
done
rm -rf printed
# A reader that goes away early: the results are in files by then.
code=0
{ "$pressroom" run campaign.yaml --out printed 2> err || echo $? > code; } | true
[ "$(cat code)" = 2 ] || fail "a closed pipe: exit code $(cat code): $(cat err)"
grep -q '^error' err || fail "a closed pipe: it said nothing"
[ -s printed/results.csv ] || fail "a closed pipe: no results, $(ls printed)"
# Started without descriptors, it writes into none of its files.
rm -rf printed
code=0
"$pressroom" run campaign.yaml --out printed <&- >&- 2>&- || code=$?
[ "$code" = 2 ] || fail "no descriptors: exit code $code"
[ ! -s printed/.lock ] || fail "no descriptors: the log is in .lock: $(cat printed/.lock)"
[ -s printed/results.csv ] || fail "no descriptors: no results"
echo "write_failures: passed"
