#!/bin/bash
# A method that throws fails its own cells, with the reason; the others go on, and the exit code
# says so. Failed cells are tried again by the next run, and only they.
source "$(dirname "$0")/common.sh"

campaign campaign.yaml "methods: [streaming_llm, throws_late, h2o]" "sparsity: [0.5, 0.75]"
run=("$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results)

observe "${run[@]}"
expect_code 1 "the campaign with a method that throws"
grep '^error' -A 2 err | expect_approved failing_cell_log
sed -n '/^failed:/,/^$/p' out | expect_approved failing_cell_table
[ "$(cells results | wc -l)" = 7 ] || fail "not every cell left a result: $(ls results)"
for cell in results/throws_late_*.json; do
  grep -q '"error": "prose.txt@.*position 10 is more than this method can bear' "$cell" ||
    fail "$cell does not say why it failed"
  grep -q '"documents": \[\]' "$cell" || fail "$cell holds results of a failed run"
done
for cell in results/streaming_llm_*.json results/h2o_*.json; do
  grep -q '"error": ""' "$cell" || fail "$cell failed too"
done
[ "$(grep -c '"event":"cell failed"' results/events.jsonl)" = 2 ] || fail "no events of the failures"

observe "${run[@]}" --dry-run
expect_code 0 "the dry run"
grep -qx "results: 5 done, 2 failed before, 0 changed, 0 to run" out || fail "it says $(cat out)"
observe "${run[@]}"
expect_code 1 "the second run"
[ "$(grep -c 'already there' err)" = 5 ] || fail "good cells were run again: $(cat err)"
[ "$(grep -c '"event":"cell failed"' results/events.jsonl)" = 4 ] || fail "failed cells were not tried again"
[ "$(grep -c '"again":"it failed before"' results/events.jsonl)" = 2 ] || fail "no event says why"
echo "failing_cell: passed"
