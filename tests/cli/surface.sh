#!/bin/bash
# What scripts and other people's tools rely on: commands, their output, and the fields of --json.
source "$(dirname "$0")/common.sh"

# prints NAME COMMAND...: exit code 0, the approved text on standard output, nothing else.
prints() {
  local name=$1
  shift
  observe "$@"
  expect_code 0 "$name"
  expect_nothing_said "$name"
  sed -E -e 's/^pressroom [0-9.]+ -/pressroom VERSION -/' \
    -e 's/^(  (sdk|torch|compiler|build): +).*/\1THIS/' \
    -e 's/about [0-9.e+-]+ s at/about TIME s at/' out | expect_approved "$name"
}
expect_nothing_said() {
  [ -z "$(sed '/reference BLAS/d' err)" ] || fail "$1: it said $(cat err)"
}

prints help "$pressroom" --help
for command in run submit check list show score generate test tokenize train; do
  prints "help_$command" "$pressroom" "$command" --help
done
prints list "$pressroom" list
"$pressroom" show config | cmp - "$source/docs/config.md" || fail "docs/config.md is not what \`show config\` prints"
methods=$source/docs/methods.md
if [ -n "${PRESSROOM_APPROVE:-}" ]; then
  { grep -v "^|" "$methods"; "$pressroom" list methods --markdown; } > methods.md
  cp methods.md "$methods"
fi
"$pressroom" list methods --markdown | cmp - <(grep "^|" "$methods") ||
  fail "docs/methods.md is not what \`list methods --markdown\` prints"
prints list_metrics "$pressroom" list metrics
prints show_h2o "$pressroom" show h2o

campaign campaign.yaml "methods: [streaming_llm, {name: h2o, recent: 8, as: h2o_8}]" \
  "sparsity: [0.5, 0.75]" "protocol: {context: [64, 128], documents: 4}"
prints check "$pressroom" check campaign.yaml
prints dry_run "$pressroom" run campaign.yaml --dry-run --out results
[ ! -e results ] || fail "--dry-run left a directory"
prints dry_run_overridden "$pressroom" run campaign.yaml --dry-run --methods random --sparsity 0.9 \
  --context 100 --documents 2 --seeds 7 8 --set positions=cache_index

printf 'A caf\303\251\n' > text.txt
prints tokenize "$pressroom" tokenize --model "$tiny" text.txt
"$pressroom" tokenize --tokenizer "$tiny/tokenizer.json" - < text.txt > piped
cmp out piped || fail "tokenize says another thing of piped text"

# One JSON object, with these fields, in this order, of these types. Whole numbers are exact.
number='-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?'
whole='(0|[1-9][0-9]*)'
list_of() { printf '\\[%s(,%s)*\\]' "$1" "$1"; }
fields='"model":"[^"]+","protocol":"stream","method":"h2o","engine":"replay","positions":"original"'
fields+=',"budget_tokens":6,"ids_sha256":"[0-9a-f]{64}"'
fields+=",\"targets\":$(list_of "$whole"),\"nll_nats\":$(list_of "$number")"
fields+=",\"mean_nll\":$number,\"perplexity\":$number"
fields+=",\"kept_positions\":$(list_of "$(list_of "$(list_of "$whole")")")"
fields+=",\"kv_bytes\":$whole,\"seconds\":$number,\"dtype\":\"float32\",\"kv_dtype\":\"float32\",\"seed\":0,\"protocol_settings\":\{\}"

head -c 12 "$prose" > short.txt
score=("$pressroom" score --model "$tiny" --method '{name: h2o, recent: 2}' --json)
observe "${score[@]}" --text short.txt --budget 6
expect_code 0 "score --json"
expect_nothing_said "score --json"
[ "$(wc -l < out)" = 1 ] || fail "score --json printed more than one line: $(cat out)"
grep -qE "^\{$fields\}\$" out || fail "score --json has other fields: $(cat out)"
grep -qF '"targets":[1,2,3,4,5,6,7,8,9,10,11],' out || fail "other targets: $(cat out)"
# 2 layers x 2 KV heads x 6 entries of key and value, 8 floats each, and one float of attention.
grep -qF '"kv_bytes":1632,' out || fail "other bytes: $(cat out)"

# The same document by its ids gives the same numbers; half of 12 tokens is a budget of 6.
mv out by_text
"$pressroom" tokenize --model "$tiny" short.txt > ids.json
observe "${score[@]}" --ids ids.json --sparsity 0.5
expect_code 0 "score --ids"
for file in by_text out; do sed -E "s/\"seconds\":$number//" "$file" > "$file.timeless"; done
cmp by_text.timeless out.timeless || fail "ids and text give different numbers"
# The hash is of the ids as 8 bytes each, little endian.
hash=$(tr -d '[]\n' < ids.json | tr ',' '\n' |
  while read -r id || [ -n "$id" ]; do printf "\\x$(printf %x "$id")\0\0\0\0\0\0\0"; done |
  sha256sum | cut -d' ' -f1)
grep -qF "\"ids_sha256\":\"$hash\"" out || fail "other hash than sha256sum's $hash: $(cat out)"

echo "surface: passed"
