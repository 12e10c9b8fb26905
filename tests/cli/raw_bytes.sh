#!/bin/bash
# Whatever bytes are in files and in their names, what is said of them is UTF-8 and steers no
# terminal; and what would be waited for is refused.
source "$(dirname "$0")/common.sh"

# refused NAME COMMAND...: exit code 2 within 60 seconds, and a message of text alone.
refused() {
  local name=$1
  shift
  observe timeout 60 "$@"
  expect_code 2 "$name"
  [ -s err ] || fail "$name: it said nothing"
  iconv -f UTF-8 -t UTF-8 err > /dev/null || fail "$name: the message is not UTF-8: $(cat -v err)"
  ! grep -q $'[\x01-\x08\x0b-\x1f\x7f]' err || fail "$name: controls pass: $(cat -v err)"
  count=$((count + 1))
}
says() { grep -qF "$1" err || fail "it does not say $1: $(cat err)"; }

red=$'\x1b[31m\xff\x07'
scored() { refused "$1" "$pressroom" score --model "${model:-$tiny}" --method dense "${@:2}"; }
with() { campaign campaign.yaml "datasets: {reader: $1}"; }

# Datasets.
printf '{"text": "caf\xe9 %sred"}\n' "$red" > latin.jsonl
with "jsonl, path: latin.jsonl"
refused latin_json "$pressroom" run campaign.yaml --out results
says 'caf\xe9'
printf '{"text": "%s"}\n' "$red" > escape.jsonl
with "jsonl, path: escape.jsonl"
refused escape_json "$pressroom" run campaign.yaml --out results
printf '{"%s": 1}\n' $'\x7f\xc2\x9b2J' > keys.jsonl
with "jsonl, path: keys.jsonl"
refused keys_json "$pressroom" run campaign.yaml --out results
says '\x7f\u009b2J'
printf 'text %s' "$red" > text.txt
with "text, path: text.txt"
refused text "$pressroom" run campaign.yaml --out results

# Models, tokenizers, ids, configs.
printf '\xff\xfe{\x00%s' "$red" > tokenizer.json
refused tokenizer "$pressroom" tokenize --tokenizer tokenizer.json text.txt
cp -r "$tiny" broken
printf '{"a%s": 1}' "$red" > broken/config.json
model=broken scored config --ids text.txt
cp -r "$tiny" torn
printf '\x20\x00\x00\x00\x00\x00\x00\x00{"%s": {"dtype": "F\xff"}}        ' $'\x1b\xff' \
  > torn/model.safetensors
model=torn scored weights --ids text.txt
printf '[1, "%s"]' "$red" > ids.json
scored ids --ids ids.json
printf 'name: "%s"\n%s: 1\n' 'a' "$red" > campaign.yaml
refused yaml "$pressroom" check campaign.yaml

# Names, and words of the command line.
scored path --text "no$red.txt"
refused option "$pressroom" "--$red"
refused command "$pressroom" "$red"

# Pipes and devices.
mkfifo pipe.txt
for path in pipe.txt /dev/zero; do
  with "text, path: $path"
  refused "$path" "$pressroom" run campaign.yaml --out results
  says "this is no file"
done
cp -r "$tiny" piped && rm piped/model.safetensors && mkfifo piped/model.safetensors
model=piped scored piped_weights --ids text.txt
campaign campaign.yaml
"$pressroom" run campaign.yaml --out results > /dev/null 2>&1
cell=$(cells results | head -n 1)
rm "$cell" && mkfifo "$cell"
refused piped_cell "$pressroom" compare results
says "a pipe"

passed 16
