#!/bin/bash
# From Parquet to windows: the message of a reader, the conversion it names, and what is then read.
# tests/data/records.parquet was written by another program than the one that converts it.
source "$(dirname "$0")/common.sh"

convert=$source/scripts/parquet-to-jsonl
records=$source/tests/data/records.parquet

# What needs no DuckDB: messages.
refuses parquet_without_duckdb env PATH="$work/nothing" "$convert" "$records" out.jsonl.gz
refuses parquet_output_name "$convert" "$records" "$records"
campaign campaign.yaml "datasets: {reader: jsonl, path: $records}"
refuses parquet_given_to_a_reader run

if ! command -v duckdb > /dev/null; then
  echo "NOT TESTED: the conversion of Parquet files: the program duckdb, which Debian does not have," \
    "is not installed (pipx install duckdb-cli)"
  passed 3
  exit 0
fi

cat > expected << 'END'
{"id":"a","report":"Grüße, \"quoted\"\n","n":1}
{"id":"b","report":"","n":null}
{"id":"c","report":"two\nlines \\ end","n":3}
END
mkdir "a folder"
cp "$records" "a folder/it's [1].parquet"
cp "$records" "a folder/0.parquet"
cat expected expected > twice

# Every compression and way of naming; the converter says what it wrote and leaves nothing else.
declare -A unpack=([out.jsonl]=cat [out.jsonl.gz]=zcat [out.jsonl.zst]=zstdcat)
for out in "${!unpack[@]}"; do
  observe "$convert" "a folder" "$out"
  expect_code 0 "$out"
  [ "$(cat out)" = "$out" ] || fail "$out: it said $(cat out err)"
  command -v "${unpack[$out]}" > /dev/null || continue
  "${unpack[$out]}" "$out" | cmp - twice || fail "$out: other rows than were stored"
done
"$convert" "a folder/it's [1].parquet" "$records" two.jsonl > /dev/null
cmp two.jsonl twice || fail "two files: other rows than were stored"

# Damage and mistakes leave no output.
head -c 500 "$records" > torn.parquet
observe "$convert" torn.parquet torn.jsonl
expect_code 2 "a torn file"
mkdir bare
refuses parquet_bare_folder "$convert" bare bare.jsonl
refuses parquet_missing "$convert" nowhere.parquet nowhere.jsonl
for left in torn.jsonl bare.jsonl nowhere.jsonl; do
  [ ! -e "$left" ] || fail "$left exists"
done
expect_no_partial .

# The reader takes what came out.
"$convert" "$records" out.jsonl.gz > /dev/null
campaign campaign.yaml "protocol: {context: 8, documents: 3}" \
  "methods: [{name: streaming_llm, n_sink: 1}]" \
  "datasets: {reader: jsonl, path: out.jsonl.gz, field: report, id_field: id}"
observe run
expect_code 0 "run on the converted set"
grep -rqF '"a@0"' results || fail "no window of record a: $(cat out err)"

passed 5
