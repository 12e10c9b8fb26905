#!/bin/bash
# What a user reads for each bad config, command line and output directory, word for word, and that
# the exit code says "your request".
source "$(dirname "$0")/common.sh"

check() { "$pressroom" check campaign.yaml "$@"; }

# Configs.
campaign campaign.yaml "methods: [{name: h2o, recent: 40}, {name: streaming_llm, n_sink: 32}]"
refuses budget_smaller_than_protected check
campaign campaign.yaml "sparsity: [0.01]"
refuses cells_inert check
campaign campaign.yaml "sparsity: [0.5, 1.0]"
refuses sparsity_of_one check
campaign campaign.yaml "methods: [streaming_lm]"
observe check
expect_code 2 method_unknown
sed -E 's/^(  expected: ).*/\1METHODS/' err | expect_approved method_unknown
count=$((count + 1))
campaign campaign.yaml "metrik: [perplexity]"
refuses key_unknown check
campaign campaign.yaml && echo "seeds: [2]" >> campaign.yaml
refuses key_twice check
campaign campaign.yaml "seeds: [1, 2, 3]" "protocol: {context: [64, 128], documents: 2}" \
  "methods: [{name: snapkv, window_size: 72}, {name: adakv, inner: {name: snapkv, window_size: 65}}]" \
  "datasets: [{reader: text, path: $prose}, {reader: text, as: again, path: $prose}]"
refuses protected_in_all_cells check
campaign campaign.yaml
# Nothing may grow with these numbers before they are refused.
refuses context_beyond_positions check --context 2000000000 --sparsity 0.5 0.75
refuses context_beyond_positions run --dry-run --context 2000000000 --sparsity 0.5 0.75
refuses context_beyond_positions run --context 2000000000 --sparsity 0.5 0.75
refuses documents_absurd run --dry-run --documents 9223372036854775807
refuses tokens_uncountable run --dry-run --documents 2147483648 --context 2147483648 --seeds 1 2 3
label=$(printf 'x%.0s' $(seq 230))
refuses label_too_long check --methods "{name: h2o, as: $label}" --sparsity 0.5 0.75
refuses label_longer_than_names check --methods "{name: h2o, as: $label$label}"
refuses key_far_from_all check --set xylophone=1
refuses config_file_missing "$pressroom" check nowhere.yaml

# The command line.
campaign campaign.yaml
refuses command_unknown "$pressroom" rum campaign.yaml
refuses option_unknown run --spasity 0.5
refuses option_without_value run --sparsity
refuses set_without_value run --set seeds
refuses command_without_argument "$pressroom" run
refuses plugin_unknown "$pressroom" show h20
refuses plugin_folder_missing "$pressroom" list --plugin-dir nowhere

# Output directories. Whoever runs as root may write anywhere but below a file and in /proc.
refuses output_below_a_file "$pressroom" run campaign.yaml --out campaign.yaml/results
refuses output_in_proc "$pressroom" run campaign.yaml --out /proc/results

observe run
expect_code 0 "a good campaign"
refuses output_of_another_campaign run --seeds 2
sed -i 's/"perplexity": [0-9]/&0/' results/h2o_s0.5_ctx64_seed1.json
refuses cell_changed_by_hand run
head -c 200 results/dense_s0.0_ctx64_seed1.json > torn
mv torn results/dense_s0.0_ctx64_seed1.json
refuses cells_torn_and_changed run
rm -r results

# A campaign that ends before its first cell leaves the directory free for the fixed one.
campaign campaign.yaml "protocol: {context: 64, documents: 1000}"
refuses too_few_windows run
campaign campaign.yaml
observe run
expect_code 0 "the fixed campaign"
rm -r results

# A full disk: no file may grow beyond 8 KiB, which the cells of 40 documents do.
campaign campaign.yaml "protocol: {context: 64, documents: 40}"
(
  ulimit -f 8
  refuses output_full run
) || exit 1
count=$((count + 1))
expect_no_partial results
[ -z "$(cells results)" ] || fail "there are cells although the disk was full"
observe run
expect_code 0 "the run when there is room again"
[ "$(cells results | wc -l)" = 3 ] || fail "cells are missing: $(ls results)"

# Nobody reads the table: the files are there, and the loss is said.
rm -r results
campaign campaign.yaml
set +o pipefail
{
  code=0
  run 2> err || code=$?
  echo "$code" > code
} | true
set -o pipefail
[ "$(cat code)" = 2 ] || fail "a closed output: exit code $(cat code): $(cat err)"
grep -qF "what was printed did not arrive: standard output is full or closed" err ||
  fail "a closed output: no message: $(cat err)"
for file in results.csv results.json aggregated_results.json significance_tests.json; do
  [ -s "results/$file" ] || fail "a closed output: no $file"
done

passed 30
