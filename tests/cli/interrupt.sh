#!/bin/bash
# Ctrl-C stops a campaign with exit code 3 and keeps what is finished; running it again finishes it.
source "$(dirname "$0")/common.sh"

campaign campaign.yaml "methods: [streaming_llm, h2o, {name: slow, pause_us: 5000}]"
run=("$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results)

for signal in INT TERM; do
  rm -rf results
  "${run[@]}" > out 2> err &
  victim=$!
  for _ in $(seq 200); do
    [ "$(cells results 2> /dev/null | wc -l)" -lt 3 ] || break
    sleep 0.05
  done
  kill -s "$signal" "$victim"
  code=0
  wait "$victim" || code=$?
  expect_code 3 "SIG$signal"
  grep -qF "interrupted; run the same command again to finish" err || fail "no message: $(cat err)"
  [ ! -s out ] || fail "an interrupted run printed results: $(cat out)"
  [ "$(cells results | wc -l)" = 3 ] || fail "finished cells are gone: $(ls results)"
  [ ! -e results/results.csv ] || fail "an interrupted run wrote results"
  grep -q '"event":"interrupted"' results/events.jsonl || fail "no event tells of the interruption"
  expect_no_partial results
  cp results/h2o_s0.5_ctx64_seed1.json before.json
done

# Before the libraries are even set up, a signal ends with the same code: as soon as the kernel knows
# of a handler.
catches() {
  [ "$(basename "$(readlink "/proc/$1/exe")")" = pressroom ] &&
    [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") & 2)) != 0 ]
}
mkdir texts
cp "$prose" texts/a.txt
echo "datasets: [{reader: text, path: texts}]" > data.yaml
for signal in INT TERM; do
  for command in "run campaign.yaml --plugin-dir $plugins --out early" \
    "train starter --texts texts --held-out $prose --out early" \
    "train kvzap --model tiny --data data.yaml --out early"; do
    # shellcheck disable=SC2086
    "$pressroom" $command > out 2> err &
    victim=$!
    for _ in $(seq 2000); do
      ! catches "$victim" || break
      sleep 0.002
    done
    kill -s "$signal" "$victim"
    code=0
    wait "$victim" || code=$?
    expect_code 3 "SIG$signal at the start of ${command%% *}"
    grep -qF "interrupted; run the same command again to finish" err || fail "no message: $(cat err)"
    [ ! -e early ] || fail "$command wrote before it was set up"
  done
done

observe "${run[@]}"
expect_code 0 "the run that finishes"
[ "$(grep -c 'already there' err)" = 3 ] || fail "not every finished cell was used again: $(cat err)"
[ "$(cells results | wc -l)" = 4 ] || fail "cells are missing: $(ls results)"
cmp before.json results/h2o_s0.5_ctx64_seed1.json || fail "a finished cell was written again"
echo "interrupt: passed"
