#!/bin/bash
# `watch` follows a campaign that another process runs. Here nobody runs one: its directory is made
# up, cells are put into it, and a process says that it works on it.
source "$(dirname "$0")/common.sh"

make=$build/tests/pressroom_make_campaign
"$make" whole 8
holder=
trap '[ -z "$holder" ] || kill "$holder" 2> /dev/null || true; rm -rf "$work"' EXIT

# A campaign that lacks its last four cells, and one that a process works on.
begin() {
  release
  rm -rf campaign
  "$make" campaign 8 4
  [ "${1:-}" != running ] || hold
}
hold() {
  sleep 60 &
  holder=$!
  mkdir -p campaign/leases
  # As a process that works on it says who it is.
  printf '{"schema":"pressroom.lease/1","host":"here","boot_id":"%s","pid_namespace":"%s","pid":%s,"started":%s,"seconds":60}\n' \
    "$(cat /proc/sys/kernel/random/boot_id)" "$(readlink /proc/self/ns/pid)" "$holder" \
    "$(cut -d' ' -f22 "/proc/$holder/stat")" > campaign/leases/.holder-here
}
release() {
  [ -n "$holder" ] || return 0
  kill "$holder" 2> /dev/null || true
  wait "$holder" 2> /dev/null || true
  holder=
}
watch() {
  "$pressroom" watch campaign --interval 1 "$@" > out 2> err < /dev/null &
  watcher=$!
}
# until_says TEXT FILE: what is watched says so within some seconds.
until_says() {
  for _ in $(seq 200); do
    ! grep -qF -- "$1" "$2" 2> /dev/null || return 0
    sleep 0.05
  done
  fail "it did not say \"$1\": $(cat out err)"
}
ends_with() {
  code=0
  wait "$watcher" || code=$?
  expect_code "$1" "$2"
}

# The state, once.
begin
observe "$pressroom" watch campaign --once
expect_code 3 "an unfinished campaign"
grep -qF "made up: 4 of 8 cells done; no run is going on" out || fail "no state: $(cat out)"
observe "$pressroom" watch whole --once
expect_code 0 "a complete campaign"
grep -qF "made up: 8 of 8 cells done; complete" out || fail "no state: $(cat out)"
grep -qF "streaming_llm" out || fail "no table: $(cat out)"
! grep -q $'\x1b' out || fail "a file is drawn on like a terminal"

# It follows a run to its end, and prints a state only when it has changed.
begin running
watch --report
until_says "4 of 8 cells done; running" out
sleep 1.5
cp whole/streaming_llm_s0.5_ctx512_*.json campaign
until_says "6 of 8 cells done; running, less than a minute to go" out
cp whole/streaming_llm_*.json campaign
until_says "8 of 8 cells done; complete" out
ends_with 0 "a campaign that was completed"
[ "$(grep -c 'of 8 cells done' out)" -le 4 ] || fail "states are repeated: $(cat out)"
grep -qF "</html>" campaign/report.html || fail "no report was written"

# It ends when the run does, though cells are missing.
begin running
cp whole/streaming_llm_s0.5_ctx512_*.json campaign
watch --report
until_says "6 of 8 cells done; running" out
release
ends_with 3 "a run that ended early"
! command -v gnuplot > /dev/null || ls campaign/figures/*.svg > /dev/null || fail "no figures"
grep -qF "6 of 8 cells done; no run is going on" out || fail "it does not say so: $(cat out)"

# Ctrl-C ends the watching, not the run.
begin running
watch
until_says "4 of 8 cells done; running" out
kill -s INT "$watcher"
ends_with 3 "Ctrl-C"
grep -qF "no longer watching" err || fail "no message: $(cat err)"
kill -0 "$holder" || fail "the run was ended"

# Files are replaced while they are read.
begin running
watch
for _ in $(seq 150); do
  for file in whole/dense_*.json whole/plan.json; do
    cp "$file" campaign/.new
    mv campaign/.new "campaign/$(basename "$file")"
  done
done
cp whole/streaming_llm_*.json campaign
ends_with 0 "a campaign whose files were replaced"

# A pipe in a file's place is refused, not waited for; a report reads the files once, before it.
release
begin
cell=dense_s0.0_ctx512_seed42.json
rm "campaign/$cell"
mkfifo "campaign/$cell"
for command in "watch campaign --once --report" "report campaign" "compare campaign"; do
  # shellcheck disable=SC2086
  observe timeout 20 "$pressroom" $command
  expect_code 2 "$command with a pipe in a cell's place"
  grep -qF "got:      a pipe" err || fail "$command: no message: $(cat err)"
done

# It waits for a campaign when asked to.
release
rm -rf campaign
observe "$pressroom" watch campaign
expect_code 2 "no directory"
watch --wait
until_says "waiting for a campaign" err
begin running
until_says "4 of 8 cells done; running" out
cp whole/streaming_llm_*.json campaign
ends_with 0 "a campaign that was waited for"

# Bad words and bad files.
observe "$pressroom" watch campaign --interval 0
expect_code 2 "an interval of 0"
observe "$pressroom" watch campaign --once --wait
expect_code 2 "contradicting words"
sed -i 's/"sum_nll_nats": [0-9]/"sum_nll_nats": 9/' campaign/dense_s0.0_ctx512_seed42.json
observe "$pressroom" watch campaign --once
expect_code 2 "a cell that was changed"
grep -qF "was changed after it was written" err || fail "no message: $(cat err)"
echo "watch: passed"
