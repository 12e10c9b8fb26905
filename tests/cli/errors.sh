#!/bin/bash
# What a user reads for each bad model, text and list of ids, word for word, and that the exit code
# says "your request".
source "$(dirname "$0")/common.sh"

score() { "$pressroom" score --model "${model:-$tiny}" --method "${method:-h2o}" "$@"; }
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
refuses weights_truncated score --text "$prose" --budget 16 --beyond-positions
broken nan_weights && printf '\x00\x00\xc0\x7f' |
  dd of=nan_weights/model.safetensors bs=1 conv=notrunc status=none \
    seek=$(($(stat -c %s "$tiny/model.safetensors") - 4))
refuses weights_nan score --text "$prose" --budget 16 --beyond-positions
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
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 548118077\n' > pointer.json
refuses ids_pointer score --ids pointer.json --budget 2
printf '<!-- 404 -->\n<HTML><HEAD><TITLE>Not Found' > page.json
refuses ids_page score --ids page.json --budget 2
method="{name: torchscript, file: page.json}" refuses torchscript_page score --text "$prose" --budget 16
refuses score_without_budget score --text "$prose"
method=dense refuses document_of_one_token score --ids one.json
refuses score_inert score --text short.txt --budget 62
refuses score_beyond_positions score --text "$prose" --budget 16
refuses score_unknown_protocol score --text "$prose" --budget 16 --protocol prefil

passed 26
