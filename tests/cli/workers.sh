#!/bin/bash
# Workers: what a method does to its process fails its own cells, with the reason and the place, and
# no other; several workers and several runs share a directory; a run ends in time.
source "$(dirname "$0")/common.sh"

deeds="segfault abort exit loop stack allocate throw flood close_stdout locale handler kill thread"

zoo() {
  local methods="" deed
  for deed in $deeds print; do methods+="{name: misbehaves, as: $deed, deed: $deed}, "; done
  campaign zoo.yaml "methods: [knorm, ${methods}streaming_llm]" "sparsity: [0.5]" \
    "limits: {stall_seconds: 8, memory_mb: 700}" "retries: 1" "protocol: {context: 64, documents: 2}"
}

# failed DIR LABEL: what the label's cell failed with; "" where it did not.
failed() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["error"])' "$1/$2_s0.5_ctx64_seed1.json"; }

# fails DIR LABEL WORDS...: the cell failed, and said all of it.
fails() {
  local text label=$2 words
  text=$(failed "$1" "$label")
  shift 2
  [ -n "$text" ] || fail "$label did not fail"
  for words in "$@"; do
    grep -qF -- "$words" <<< "$text" || fail "$label: no \"$words\" in: $text"
  done
  count=$((count + 1))
}

zoo
for workers in 1 3; do
  observe "$pressroom" run zoo.yaml --plugin-dir "$plugins" --out zoo --workers "$workers"
  expect_code 1 "the zoo with $workers workers"
  place="scoring new entries of document prose.txt@"
  fails zoo segfault "the method crashed" "(SIGSEGV)" "misbehaves.so" "$place" "layer 1"
  fails zoo abort "the method crashed" "(SIGABRT)" "$place" "layer 1"
  fails zoo exit "a plugin ended the process" "exit(3)" "$place" "layer 1"
  fails zoo loop "the cell no longer moved" "limits.stall_seconds" "$place" "layer 1"
  fails zoo stack "the method crashed" "(SIGSEGV)" "misbehaves.so" "$place"
  fails zoo allocate "more memory than it may" "at most 700 MB" "$place" "layer 1"
  fails zoo throw "an exception that is not a std::exception"
  fails zoo close_stdout "changed the process" "standard output was closed"
  fails zoo locale "changed how everything after it computes" "the locale C.UTF-8"
  fails zoo handler "changed the process" "the handler of SIGTERM"
  fails zoo kill "killed from outside" "(SIGKILL)" "$place"
  fails zoo thread "changed the process" "left running"
  for label in knorm streaming_llm flood print; do
    [ -z "$(failed zoo "$label")" ] || fail "$label failed: $(failed zoo "$label")"
  done
  [ "$(stat -c %s zoo/logs/flood_s0.5_ctx64_seed1.log)" -lt 1100000 ] || fail "the flood was kept"
  grep -q "a word from the plugin" zoo/logs/print_s0.5_ctx64_seed1.log || fail "print has no log"
  ! grep -q "a word" out err || fail "a plugin's words are in the run's: $(cat out err)"
  [ -s zoo/results.csv ] || fail "no results"
  expect_no_partial zoo
  cp zoo/knorm_s0.5_ctx64_seed1.json "knorm.$workers"
  rm -r zoo
done
strip() { sed -E '/"(seconds|tokens_per_second|peak_memory_mb|sha256)"/d' "$1"; }
cmp <(strip knorm.1) <(strip knorm.3) || fail "three workers come to other numbers than one"

# A thread that a method left crashes two seconds later: no other cell is hurt.
campaign thread.yaml "methods: [{name: misbehaves, as: thread, deed: thread}, {name: slow, pause_us: 15000}]"
observe "$pressroom" run thread.yaml --plugin-dir "$plugins" --out thread
expect_code 1 "a thread that crashes later"
fails thread thread "left running"
[ -z "$(failed thread slow)" ] || fail "another cell failed: $(failed thread slow)"

# What a plugin prints is in the log of its own cell.
campaign print.yaml "methods: [{name: misbehaves, as: print, deed: print}]" "seeds: [1, 2, 3, 4, 5, 6]"
observe "$pressroom" run print.yaml --plugin-dir "$plugins" --out print
expect_code 0 "a method that prints"
[ "$(ls print/logs | tr '\n' ' ')" = "$(for i in 1 2 3 4 5 6; do printf 'print_s0.5_ctx64_seed%s.log ' $i; done)" ] ||
  fail "other logs: $(ls print/logs)"

# A method whose cells ended three workers is put aside.
campaign aside.yaml "methods: [{name: misbehaves, as: bad, deed: abort}, knorm]" "seeds: [1, 2, 3, 4, 5]"
observe "$pressroom" run aside.yaml --plugin-dir "$plugins" --out aside
expect_code 1 "a method that always crashes"
[ "$(grep -l 'SIGABRT' aside/bad_*.json | wc -l)" = 3 ] || fail "it was not tried three times"
[ "$(grep -l 'put aside' aside/bad_*.json | wc -l)" = 2 ] || fail "it was not put aside"

# In this process, as for a debugger, a crash ends the run.
observe "$pressroom" run aside.yaml --plugin-dir "$plugins" --out here --in-process
[ "$code" = 134 ] || fail "a crash in process: exit code $code"

# A plugin that crashes when it is loaded fails its own cells, and whoever else asks for it is told.
# Loaded where it does not crash, it is the same campaign.
campaign loaded.yaml "methods: [knorm, {name: crashes_when_loaded, recent: 3}]" "sparsity: [0.5, 0.75]"
observe env PRESSROOM_TEST_CRASH=abort "$pressroom" run loaded.yaml --plugin-dir "$plugins" --out loaded --workers 2
expect_code 1 "a plugin that crashes when it is loaded"
[ "$(grep -l 'crashes_when_loaded.so.*ends the process that loads it.*SIGABRT.*it wrote: crashing' loaded/crashes_*.json | wc -l)" = 2 ] ||
  fail "its cells fail for another reason: $(cat loaded/crashes_*.json)"
[ "$(grep -L '"error": ""' loaded/*_seed1.json | wc -l)" = 2 ] || fail "other cells failed"
observe env PRESSROOM_TEST_CRASH=abort "$pressroom" work loaded --plugin-dir "$plugins"
expect_code 1 "work beside it"
refuses crashes_when_loaded env PRESSROOM_TEST_CRASH=abort "$pressroom" show crashes_when_loaded --plugin-dir "$plugins"
observe env PRESSROOM_TEST_CRASH=abort "$pressroom" list methods --plugin-dir "$plugins"
expect_code 0 "a list with it"
grep -q 'crashes_when_loaded .*keeps the newest entries' out || fail "it is not listed"
observe "$pressroom" run loaded.yaml --plugin-dir "$plugins" --out loaded
expect_code 0 "the campaign where it does not crash: $(cat err)"

# Two runs and a worker of a third process share the cells; each ends when all are there.
campaign shared.yaml "methods: [{name: slow, pause_us: 2000}, {name: slow, as: slow_2, pause_us: 2000}]" \
  "seeds: [1, 2, 3]" "sparsity: [0.5, 0.75]"
run=("$pressroom" run shared.yaml --plugin-dir "$plugins" --out shared)
"${run[@]}" > first.out 2> first.err &
first=$!
for _ in $(seq 200); do [ ! -e shared/plan.json ] || break; sleep 0.05; done
"${run[@]}" > second.out 2> second.err &
second=$!
observe "$pressroom" work shared --plugin-dir "$plugins"
expect_code 0 "work"
for process in "$first" "$second"; do
  code=0
  wait "$process" || code=$?
  expect_code 0 "a run beside others"
done
[ "$(cells shared | wc -l)" = 15 ] || fail "$(cells shared | wc -l) cells instead of 15"
ran=$(grep -c '"event":"cell"' shared/events.jsonl)
[ "$ran" = 15 ] || fail "$ran cells were run, of 15"
for log in first.err second.err err; do
  grep '^info: \[' "$log" | grep -qv "already there" || fail "one of the three ran nothing: $(cat "$log")"
done

# Two that begin at the same time, and both would plan.
for i in 1 2 3; do
  rm -rf shared
  "${run[@]}" --seeds "$i" > first.out 2> first.err &
  first=$!
  observe "${run[@]}" --seeds "$i"
  expect_code 0 "one of two that begin together"
  code=0
  wait "$first" || code=$?
  [ "$code" = 0 ] || fail "the other of two that begin together: exit code $code: $(cat first.err)"
done

# The config is edited while it runs, and a worker is killed: its successor goes by the plan.
rm -rf results shared
sed 's/^name: .*/name: edited/' shared.yaml > edited.yaml
"$pressroom" run edited.yaml --plugin-dir "$plugins" > out 2> err &
supervisor=$!
for _ in $(seq 200); do [ "$(cells results 2> /dev/null | wc -l)" -lt 1 ] || break; sleep 0.05; done
sed -i 's/^seeds: .*/seeds: [7]/' edited.yaml
pkill -9 -P "$supervisor"
code=0
wait "$supervisor" || code=$?
expect_code 0 "a run whose config was edited"
[ "$(cells results | wc -l)" = 15 ] || fail "$(cells results | wc -l) cells instead of 15"

# Asked to end soon, a worker finishes its cell, gives back nothing half done, and says so.
rm -rf shared
"${run[@]}" > out 2> err &
victim=$!
for _ in $(seq 200); do [ "$(cells shared 2> /dev/null | wc -l)" -lt 2 ] || break; sleep 0.05; done
kill -USR1 "$victim"
code=0
wait "$victim" || code=$?
expect_code 3 "SIGUSR1"
[ "$(find shared/leases -type f | wc -l)" = 0 ] || fail "leases are left: $(ls -a shared/leases)"
observe "$pressroom" work shared --plugin-dir "$plugins" --time 1
expect_code 3 "work that may take a second"
observe "${run[@]}" --workers 2
expect_code 0 "the run that finishes"

# What nobody can work on.
refuses work_nothing "$pressroom" work nowhere
sed -i 's/"run": "[0-9a-f]*",//' shared/plan.json
observe "$pressroom" work shared --plugin-dir "$plugins"
expect_code 2 "a plan that was changed"
refuses work_time "$pressroom" work shared --time soon
passed 21
