#!/bin/bash
# What a directory says is run again, and held against what is stored there.
source "$(dirname "$0")/common.sh"

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
observe env TMPDIR=/nowhere "$pressroom" reproduce made
expect_code 2 "without a place to run in"

# A sample, which can be drawn again, and kept.
observe "$pressroom" reproduce made --sample 3 --sample-seed 7 --out again
expect_code 0 "a sample"
[ "$(last 2)" = "3 cells run again: 3 equal to the bit, 0 equal within rounding, 0 different|drawn from 8 by --sample-seed 7|" ] ||
  fail "a sample says: $(last 2)"
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
grep -q 'dense_s0.0_ctx64_seed2  different: weight_bytes by 0.5; dtype changed: float32 -> bfloat16' out ||
  fail "other weights say: $(cat out)"

# What was never run is not compared, and said not to be.
cp -r made partly
rm partly/h2o_s0.5_ctx64_seed1.json
observe "$pressroom" reproduce partly
expect_code 0 "a campaign with a cell missing"
[ "$(last 2)" = "7 cells run again: 7 equal to the bit, 0 equal within rounding, 0 different|1 cells of partly have no result yet|" ] ||
  fail "a campaign with a cell missing says: $(last 2)"

# A method that answers something else each time is found out, though its file is the same.
campaign clock.yaml "methods: [{name: moody}]" "protocol: {context: 64, documents: 1}"
observe "$pressroom" run clock.yaml --out clock --plugin-dir "$plugins"
MOODY=1 observe "$pressroom" reproduce clock --plugin-dir "$plugins"
expect_code 1 "a method that answers by its environment"
grep -q 'moody_s0.5_ctx64_seed1  different: other entries are kept in 1 of 1 documents' out ||
  fail "a method that answers by its environment: $(cat out err)"

refuses reproduce_here "$pressroom" reproduce made --out made
refuses reproduce_nothing "$pressroom" reproduce nowhere
find made -type f -print0 | sort -z | xargs -0 sha256sum | cmp - before || fail "the directory was changed"
ls "${TMPDIR:-/tmp}"/pressroom-reproduce-* 2> /dev/null && fail "a folder stayed behind"
passed 3
