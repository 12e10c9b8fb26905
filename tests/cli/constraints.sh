#!/bin/bash
# What a user reads where a method cannot be had under the constraints of a server, and where
# `protect` has nothing to keep or too much.
source "$(dirname "$0")/common.sh"

check() { "$pressroom" check campaign.yaml "$@"; }
behind_prompt="protocol: {kind: prefill, prefill_tokens: 32, continuation: hold, context: 64, documents: 2}"

# Values that are none.
campaign campaign.yaml "protocol: {context: 64, documents: 2, evict_in_blocks: 0}"
refuses constraint_blocks_of_0 check
campaign campaign.yaml "protocol: {context: 64, documents: 2, heads: alone}"
refuses constraint_heads_unknown check
campaign campaign.yaml "methods: [{name: h2o, append_only: maybe}]"
refuses constraint_not_a_truth check

# Protocols and budgets that leave nothing to choose.
campaign campaign.yaml "protocol: {context: 64, documents: 2, keep_prompt: true}"
refuses constraint_prompt_missing check
campaign campaign.yaml "$behind_prompt" "methods: [{name: h2o, keep_prompt: true}]" "sparsity: [0.75]"
refuses constraint_prompt_above_budget check
campaign campaign.yaml "methods: [{name: streaming_llm, n_sink: 4, evict_in_blocks: 16}]" \
  "sparsity: [0.75]"
refuses constraint_pages_above_budget check

# Methods that contradict a constraint.
campaign campaign.yaml "methods: [{name: adakv, inner: knorm, heads: together}]"
refuses constraint_budgets_of_heads check
campaign campaign.yaml "methods: [{name: adakv, inner: knorm, evict_in_blocks: 8}]"
refuses constraint_budgets_in_pages check
campaign campaign.yaml "methods: [{name: streaming_llm, positions: cache_index, append_only: true}]"
refuses constraint_turned_keys check
campaign campaign.yaml "methods: [{name: adakv, inner: {name: knorm, append_only: true}}]"
refuses constraint_of_an_inner check
campaign campaign.yaml "methods: [{name: h2o, as: a}, {name: h2o, as: a, append_only: true}]"
refuses constraint_labels_twice check

# `protect`.
asks="datasets: [{reader: recall, facts: 2, questions: 2, length: 128}]"
task="protocol: {kind: questions, context: 128, documents: 1}"
campaign campaign.yaml "$asks" "$task" "metrics: [exact_match, cache]" \
  "methods: [{name: protect, spans: [], inner: h2o}]"
refuses protect_nothing check
campaign campaign.yaml "$asks" "$task" "metrics: [exact_match, cache]" \
  "methods: [{name: protect, spans: [evidence], inner: {name: pyramidkv, inner: h2o}}]"
refuses protect_inner_without_ranking check

# What a document alone can tell fails the cell, with the words of a bad config.
fails() {
  local name=$1
  observe run
  expect_code 1 "$name"
  grep '^error' -A 3 err | expect_approved "$name"
  count=$((count + 1))
  rm -rf results
}
campaign campaign.yaml "$asks" "$task" "metrics: [exact_match, cache]" \
  "methods: [{name: protect, spans: [moral], inner: h2o}]"
fails protect_span_unknown
campaign campaign.yaml "$asks" "$task" "metrics: [exact_match, cache]" "sparsity: [0.95]" \
  "methods: [{name: protect, spans: [evidence], inner: {name: h2o, recent: 1}}]"
fails protect_more_than_budget
passed "$count"
