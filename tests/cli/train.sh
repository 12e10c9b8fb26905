#!/bin/bash
# Trainings in one folder take turns, end with 3 at a signal, and can be started again after a kill.
source "$(dirname "$0")/common.sh"

mkdir texts
cat "$source"/docs/*.md > all
head -c 140000 all > texts/a.txt
tail -c 60000 all > held-out.txt
cat > data.yaml << END
datasets: [{reader: text, path: texts/a.txt}]
context: 100
END
starter=("$pressroom" train starter --texts texts --held-out held-out.txt --out starter)
kvzap=("$pressroom" train kvzap --model starter --data data.yaml --kind both --out kvzap --tokens)

# begin WHEN COMMAND...: runs it until WHEN, a command, says yes; what it says is in the file said.
begin() {
  local when=$1
  shift
  : > said
  "$@" > begun 2> said &
  victim=$!
  for _ in $(seq 2000); do
    ! eval "$when" || return 0
    kill -0 "$victim" 2> /dev/null || fail "it ended too soon: $(cat said)"
    sleep 0.02
  done
  fail "it did not come so far: $when; $(cat said)"
}

# stop SIGNAL: how what was begun ends.
stop() {
  kill -s "$1" "$victim"
  code=0
  wait "$victim" 2> /dev/null || code=$?
  expect_code "$2" "SIG$1"
  [ "$2" != 3 ] || grep -qF "interrupted; run the same command again to finish" said ||
    fail "no message: $(cat said)"
}

contents() { (cd "$1" && find . -type f ! -name 'layer-*' -exec sha256sum {} + | sort -k 2); }

for signal in INT TERM; do
  rm -f starter/training_log.jsonl # written again when training begins
  begin "[ -e starter/training_log.jsonl ]" "${starter[@]}"
  contents starter > before
  refuses train_starter_locked "${starter[@]}" --seed 2
  contents starter | diff before - || fail "a training that was refused wrote"
  sleep 1
  stop "$signal" 3
  [ -e starter/checkpoint.bin ] || fail "no checkpoint was left"
  expect_no_partial starter
done

begin "grep -q 'windows twice' said" "${kvzap[@]}" 30000
contents kvzap > before
refuses train_kvzap_locked "${kvzap[@]}" 30000 --seed 2
contents kvzap | diff before - || fail "a training that was refused wrote"
stop KILL 137
[ -e kvzap/kvzap-rows/UNFINISHED ] || fail "it was to be killed while it had rows"
for signal in INT TERM; do
  begin "grep -q 'windows twice' said" "${kvzap[@]}" 30000
  stop "$signal" 3
  [ ! -e kvzap/kvzap-rows ] || fail "SIG$signal left rows"
done
# Killed with one checkpoint of two.
begin "[ -e kvzap/kvzap-linear ]" "${kvzap[@]}" 2000 --epochs 1000
stop KILL 137
sha256sum kvzap/kvzap-linear/* > before
[ ! -e kvzap/kvzap-mlp ] || fail "it was to be killed before its second checkpoint"
observe "${kvzap[@]}" 2000
expect_code 0 "the same again"
grep -q "a training was killed here" err || fail "it does not say that it begins anew: $(cat err)"
sha256sum --quiet -c before || fail "a finished checkpoint was made again"
[ "$(grep -c 'mean R2' out)" = 2 ] || fail "not both results: $(cat out)"
[ ! -e kvzap/kvzap-rows ] || fail "rows are left"
observe "${kvzap[@]}" 2000
expect_code 0 "what is finished"
refuses train_kvzap_of_others "${kvzap[@]}" 2000 --seed 2
passed 4
