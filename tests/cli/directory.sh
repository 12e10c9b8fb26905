#!/bin/bash
# A campaign's directory that is taken away while a run writes to it: nothing takes its place,
# success is not reported, and once it is back the run can be finished.
source "$(dirname "$0")/common.sh"

campaign campaign.yaml "methods: [{name: slow, pause_us: 2000}]" "sparsity: [0.5, 0.75]" \
  "seeds: [1, 2]"
begin() {
  "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results > log 2>&1 &
  run=$!
  for _ in $(seq 400); do
    [ -z "$(cells results 2> none)" ] || return 0
    sleep 0.05
  done
  fail "no cell was finished: $(cat log)"
}
finish() {
  code=0
  wait "$run" || code=$?
  [ "$code" = 2 ] || fail "$1: exit code $code instead of 2: $(cat log)"
  grep -q "the output directory was taken away while the run went on" log || fail "$1: $(cat log)"
}

begin
mv results moved
finish "renamed"
grep -q "got: .*/moved now" log || fail "it does not say where the directory is: $(cat log)"
[ ! -e results ] || fail "a directory was made anew: $(find results)"
for file in plan.json config.yaml provenance.json; do
  [ -e "moved/$file" ] || fail "$file is not where the directory went"
done
mv moved results
"$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results > log 2>&1 ||
  fail "it cannot be finished once it is back: $(cat log)"
rm -r results

begin
until rm -r results 2> none; do :; done  # it may be writing
finish "removed"
[ ! -e results ] || fail "a directory was made anew: $(find results)"

echo "directory: passed"
