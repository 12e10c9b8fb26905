#!/bin/bash
# What a user reads for each bad input, word for word, and that the exit code says "your request".
source "$(dirname "$0")/common.sh"

# refuses NAME COMMAND...: exit code 2, nothing on standard output, the approved message.
count=0
refuses() {
  local name=$1
  shift
  observe "$@"
  expect_code 2 "$name"
  [ ! -s out ] || fail "$name: it printed $(cat out)"
  expect_approved "$name" < err
  count=$((count + 1))
}
score() { "$pressroom" score --model "${model:-$tiny}" --method "${method:-h2o}" "$@"; }
run() { "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results "$@"; }
check() { "$pressroom" check campaign.yaml "$@"; }
# broken FOLDER: a copy of the model, to be broken.
broken() { rm -rf "$1" && cp -r "$tiny" "$1" && model=$work/$1; }

# Models.
model=$work/nowhere refuses model_missing score --text "$prose" --budget 16
broken no_config && rm no_config/config.json
refuses config_missing score --text "$prose" --budget 16
broken torn_config && head -c 100 "$tiny/config.json" > torn_config/config.json
refuses config_torn score --text "$prose" --budget 16
broken no_weights && rm no_weights/model.safetensors
refuses weights_missing score --text "$prose" --budget 16
broken torn_weights && head -c 100000 "$tiny/model.safetensors" > torn_weights/model.safetensors
refuses weights_truncated score --text "$prose" --budget 16
broken nan_weights && printf '\x00\x00\xc0\x7f' |
  dd of=nan_weights/model.safetensors bs=1 conv=notrunc status=none \
    seek=$(($(stat -c %s "$tiny/model.safetensors") - 4))
refuses weights_nan score --text "$prose" --budget 16
broken no_tokenizer && rm no_tokenizer/tokenizer.json
refuses tokenizer_missing score --text "$prose" --budget 16
broken large_tokenizer && sed -i 's/"ÿ": 255/"ÿ": 255, "lighthouse": 256/' large_tokenizer/tokenizer.json
campaign campaign.yaml "model: large_tokenizer"
refuses tokenizer_larger_than_model run
model=$tiny

# Texts and ids.
: > empty.txt
head -c 63 "$prose" > short.txt
campaign campaign.yaml "datasets: {reader: text, path: empty.txt}"
refuses text_empty run
campaign campaign.yaml "datasets: {reader: text, path: short.txt}"
refuses text_too_short run
campaign campaign.yaml "datasets: {reader: text, path: nowhere.txt}"
refuses text_missing run
refuses score_text_empty score --text empty.txt --budget 16
refuses score_text_missing score --text nowhere.txt --budget 16
refuses score_text_is_a_folder score --text tiny --budget 16
refuses tokenize_text_missing "$pressroom" tokenize --model "$tiny" nowhere.txt
echo '[1, 2, 256]' > outside.json
method=dense refuses ids_outside_vocabulary score --ids outside.json
echo '{"ids": [1, 2, 3]}' > object.json
refuses ids_no_array score --ids object.json --budget 2
echo '[1]' > one.json
echo '[1, 2.5, 3]' > fractions.json
refuses ids_no_whole_numbers score --ids fractions.json --budget 2
refuses score_without_budget score --text "$prose"
method=dense refuses document_of_one_token score --ids one.json
refuses score_inert score --text short.txt --budget 62
refuses score_unknown_protocol score --text "$prose" --budget 16 --protocol prefil

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
campaign campaign.yaml "metrik: [perplexity]"
refuses key_unknown check
campaign campaign.yaml && echo "seeds: [2]" >> campaign.yaml
refuses key_twice check
refuses config_file_missing "$pressroom" check nowhere.yaml

# The command line.
campaign campaign.yaml
refuses command_unknown "$pressroom" rum campaign.yaml
refuses option_unknown run --spasity 0.5
refuses option_without_value run --sparsity
refuses command_without_argument "$pressroom" run
refuses plugin_unknown "$pressroom" show h20
refuses plugin_folder_missing "$pressroom" list --plugin-dir nowhere

# Output directories. Whoever runs as root may write anywhere but below a file and in /proc.
refuses output_below_a_file "$pressroom" run campaign.yaml --out short.txt/results
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

# A campaign that ends before its first cell leaves the directory free for the mended one.
campaign campaign.yaml "protocol: {context: 64, documents: 1000}"
refuses too_few_windows run
campaign campaign.yaml
observe run
expect_code 0 "the mended campaign"
rm -r results

# Two runs at once.
campaign campaign.yaml "methods: [{name: slow, pause_us: 5000}]"
"$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results > first.log 2>&1 &
first=$!
for _ in $(seq 200); do
  [ ! -e results/config.yaml ] || break
  sleep 0.05
done
refuses output_in_use run
kill -TERM "$first"
code=0
wait "$first" || code=$?
expect_code 3 "the first of two runs"
rm -r results

# A full disk: no file may grow beyond 8 KiB, which the cells of 40 documents do.
campaign campaign.yaml "protocol: {context: 64, documents: 40}"
(
  ulimit -f 8
  refuses output_full run
) || exit 1
expect_no_partial results
[ -z "$(cells results)" ] || fail "there are cells although the disk was full"
observe run
expect_code 0 "the run when there is room again"
[ "$(cells results | wc -l)" = 3 ] || fail "cells are missing: $(ls results)"

[ -n "${PRESSROOM_APPROVE:-}" ] || [ "$count" -ge 40 ] || fail "only $count messages were compared"
echo "errors: passed, $((count + 2)) messages"
