#!/bin/bash
# What a directory says is run again, and held against what is stored there.
source "$(dirname "$0")/common.sh"

mkdir tmp
export TMPDIR=$work/tmp
last() { tail -n "$1" out | tr '\n' '|'; }

campaign campaign.yaml "methods: [streaming_llm, h2o, random]" "seeds: [1, 2]" \
  "metrics: [perplexity, cache, throughput, memory]"
observe "$pressroom" run campaign.yaml --out made
expect_code 0 "the campaign"
rm campaign.yaml  # the directory says it all
find made -type f -print0 | sort -z | xargs -0 sha256sum > before
observe "$pressroom" reproduce made --workers 2
expect_code 0 "running it again"
expect_approved reproduce_all < out
refuses reproduce_no_place env TMPDIR=/nowhere "$pressroom" reproduce made

# A sample, which can be drawn again, and kept.
observe "$pressroom" reproduce made --sample 3 --sample-seed 7 --out again
expect_code 0 "a sample"
[ "$(last 1)" = "3 cells: 3 equal to the bit, 0 equal within rounding, 0 different|" ] ||
  fail "a sample says: $(cat out)"
grep -q '3 of 8 cells, drawn by --sample-seed 7' err || fail "it does not say which sample: $(cat err)"
[ "$(cells again | wc -l)" = 3 ] || fail "$(cells again | wc -l) cells were run for a sample of 3"
cp out first
observe "$pressroom" reproduce made --sample 3 --sample-seed 7 --out again
cmp out first || fail "one seed draws two samples"
[ "$(grep -c '"event":"cell"' again/events.jsonl)" = 3 ] || fail "what is there was run again"

# The other engine adds in another order: the same entries are kept, and the rest is rounding.
refuses reproduce_refused "$pressroom" reproduce made --set engine=decode
observe "$pressroom" reproduce made --set engine=decode --changed
expect_code 0 "the other engine"
grep -q 'streaming_llm_s0.5_ctx64_seed1  equal within rounding: .*; engine changed: replay -> decode' out ||
  fail "the other engine says: $(cat out)"
observe "$pressroom" reproduce made --set dtype=bfloat16 --changed
expect_code 1 "other weights"
grep -q 'dense_s0.0_ctx64_seed2  different: weight_bytes by 0.5 of its value; dtype changed: float32 -> bfloat16' out ||
  fail "other weights say: $(cat out)"

# What was never run is not compared, and said not to be.
cp -r made partly
rm partly/h2o_s0.5_ctx64_seed1.json
observe "$pressroom" reproduce partly
expect_code 0 "a campaign with a cell missing"
[ "$(last 2)" = "7 cells: 7 equal to the bit, 0 equal within rounding, 0 different|1 cell of partly has no result yet|" ] ||
  fail "a campaign with a cell missing says: $(last 2)"

# A method that answers something else each time is found out, though its file is the same.
campaign clock.yaml "methods: [{name: moody}]" "protocol: {context: 64, documents: 1}"
observe "$pressroom" run clock.yaml --out clock --plugin-dir "$plugins"
MOODY=1 observe "$pressroom" reproduce clock --plugin-dir "$plugins"
expect_code 1 "a method that answers by its environment"
grep -q 'moody_s0.5_ctx64_seed1  different: other entries are kept in 1 of 1 documents' out ||
  fail "a method that answers by its environment: $(cat out err)"

# A failed cell has to fail again, and does not count as equal.
campaign late.yaml "methods: [throws_late, h2o]"
observe "$pressroom" run late.yaml --out late --plugin-dir "$plugins"
observe "$pressroom" reproduce late --plugin-dir "$plugins"
expect_code 0 "a campaign with a cell that fails"
[ "$(last 1)" = "3 cells: 2 equal to the bit, 0 equal within rounding, 0 different, 1 that fail as before|" ] ||
  fail "a campaign with a cell that fails says: $(cat out)"

# Several datasets, eviction traces, budgets that are found: whatever a directory holds.
campaign several.yaml "datasets: [{reader: text, path: $prose, as: one}, {reader: text, path: $prose, as: two}]" \
  "traces: true"
observe "$pressroom" run several.yaml --out several
cp -r several elsewhere
rm -r several
observe "$pressroom" reproduce elsewhere
expect_code 0 "two datasets, in a directory that was moved"
[ "$(grep -c '^  one .*equal to the bit' out)" = 3 ] || fail "two datasets: $(cat out)"
campaign matched.yaml "methods: [knorm, {name: dms, threshold: -1.5, window: 8, inner: knorm}]" "match: {to: dms}"
sed -i '/^sparsity/d' matched.yaml
observe "$pressroom" run matched.yaml --out matched
expect_code 0 "a campaign with budgets that are found"
observe "$pressroom" reproduce matched
expect_code 0 "budgets that are found again"
[ "$(last 1)" = "3 cells: 3 equal to the bit, 0 equal within rounding, 0 different|" ] ||
  fail "a campaign with budgets that are found says: $(cat out)"

# Interrupted, it says what it has compared and how it goes on; without --out nothing is left.
campaign long.yaml "methods: [{name: slow, pause_us: 3000}]" "seeds: [1, 2, 3, 4]"
observe "$pressroom" run long.yaml --out long --plugin-dir "$plugins"
observe "$pressroom" reproduce long --plugin-dir "$plugins" --sample 6 --time 1 --out rest
expect_code 3 "an interrupted sample"
seed=$(sed -n 's/.*drawn by --sample-seed \([0-9]*\)$/\1/p' err)
grep -q "the same command with --sample-seed $seed goes on" err || fail "it does not say how: $(cat err)"
observe "$pressroom" reproduce long --plugin-dir "$plugins" --sample 6 --sample-seed "$seed" --out rest
expect_code 0 "an interrupted sample that goes on"
[ "$(grep -c '"event":"cell"' rest/events.jsonl)" = 6 ] || fail "cells were run twice"
mkdir temporary
TMPDIR=$work/temporary "$pressroom" reproduce long --plugin-dir "$plugins" > out 2> err &
for _ in $(seq 600); do
  [ -z "$(find temporary -name plan.json)" ] || break
  sleep 0.1
done
kill -HUP $!
code=0
wait $! || code=$?
expect_code 3 "the end of the terminal"
grep -q 'nothing of it was kept' err || fail "the end of the terminal: $(cat err)"

refuses reproduce_seed_alone "$pressroom" reproduce made --sample-seed 7
refuses reproduce_not_planned "$pressroom" reproduce made --set 'seeds=[1]'
refuses reproduce_inside "$pressroom" reproduce made --out made/again
refuses reproduce_into_another "$pressroom" reproduce made --out late
refuses reproduce_here "$pressroom" reproduce made --out made
refuses reproduce_nothing "$pressroom" reproduce nowhere
find made -type f -print0 | sort -z | xargs -0 sha256sum | cmp - before || fail "the directory was changed"
[ -z "$(ls tmp)" ] || fail "a folder stayed behind: $(ls tmp)"
passed 8
