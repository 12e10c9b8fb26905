#!/bin/bash
# Results of another campaign are copied where they are made from the same, whatever they are called.
source "$(dirname "$0")/common.sh"

campaign first.yaml "methods: [streaming_llm, {name: h2o, as: heavy}]" "seeds: [1, 2]"
observe "$pressroom" run first.yaml --out first
expect_code 0 "the first campaign"

campaign second.yaml "methods: [h2o, knorm, {name: streaming_llm, n_sink: 2}]" "seeds: [1, 2, 3]"
observe "$pressroom" run second.yaml --out second --reuse first
expect_code 0 "the second campaign"
copied=$(grep -l copied_from second/*_seed*.json | xargs -n 1 basename | tr '\n' ' ')
# Dense and h2o of the seeds that both have: streaming_llm has another parameter.
[ "$copied" = "dense_s0.0_ctx64_seed1.json dense_s0.0_ctx64_seed2.json h2o_s0.5_ctx64_seed1.json h2o_s0.5_ctx64_seed2.json " ] ||
  fail "copied: $copied"
[ "$(grep -c '"event":"cell copied"' second/events.jsonl)" = 4 ] || fail "the log does not tell"
[ "$(grep -c '"event":"cell"' second/events.jsonl)" = 8 ] || fail "not the other 8 cells were run"
values() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(r["content_key"], r["documents"], r["metrics"]["perplexity"])' "$1"; }
cmp <(values first/heavy_s0.5_ctx64_seed1.json) <(values second/h2o_s0.5_ctx64_seed1.json) ||
  fail "the copy has other values"
grep -qF "\"method\": \"h2o\"" second/h2o_s0.5_ctx64_seed1.json || fail "the copy has the other's label"
# The table is that of a campaign that ran everything.
observe "$pressroom" run second.yaml --out alone
expect_code 0 "the second campaign by itself"
strip() { cut -d, -f 1-8 "$1"; }
cmp <(strip second/results.csv) <(strip alone/results.csv) || fail "another table than without copies"

# A result that was changed by hand is no result, here either.
sed -i 's/"sum_nll_nats": [0-9]/"sum_nll_nats": 9/' first/dense_s0.0_ctx64_seed1.json
refuses reuse_changed "$pressroom" run second.yaml --out third --reuse first
refuses reuse_nothing "$pressroom" run second.yaml --out fourth --reuse nowhere
passed 2
