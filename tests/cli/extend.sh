#!/bin/bash
# A campaign that grows in its directory: what is added is run, what is renamed is not, what leaves is
# kept, and what it was before comes back without being run.
source "$(dirname "$0")/common.sh"

go() { "$pressroom" run campaign.yaml --out results "$@"; }
# Of the latest run, by the log: cells that were run.
ran() {
  python3 - results/events.jsonl << 'END'
import json, sys
ran = 0
for line in open(sys.argv[1]):
    event = json.loads(line)["event"]
    ran = 0 if event == "begin" else ran + (event == "cell")
print(ran)
END
}
# Content keys of all results of the directory, without errors, wherever they lie.
keys() {
  python3 - "$1" << 'END'
import json, pathlib, sys
keys = set()
for file in pathlib.Path(sys.argv[1]).rglob("*_seed*.json"):
    result = json.loads(file.read_text())
    if not result["error"]: keys.add(result["content_key"])
print("\n".join(sorted(keys)))
END
}
# extends NAME RAN TEXT [FLAG...]: campaign.yaml extends the directory, runs so many cells, and says
# so; every result that ever was is still there.
extends() {
  local name=$1 expected=$2 text=$3
  shift 3
  keys results > before
  observe go --dry-run
  expect_code 0 "$name, dry"
  grep -qF "$text" out || fail "$name: --dry-run does not say \"$text\" but: $(tail -3 out)"
  observe go --extend "$@"
  expect_code 0 "$name"
  # No warning: it is what was asked for.
  grep -F "$text" err | grep -q '^info: extended: ' ||
    fail "$name: it does not say \"$text\" but: $(cat err)"
  [ "$(ran)" = "$expected" ] || fail "$name: $(ran) cells were run instead of $expected"
  keys results > after
  [ -z "$(comm -23 before after)" ] || fail "$name: results were lost: $(comm -23 before after)"
  expect_no_partial results
  observe "$pressroom" report results --no-figures
  expect_code 0 "$name, its report"
  grep -q "This directory's configs" results/report.html || fail "$name: the report has one config"
}

cp "$prose" other.txt
two="datasets: [{reader: text, path: $prose, as: prose}, {reader: text, path: other.txt, as: other}]"
campaign campaign.yaml "seeds: [1, 2]"
observe go
expect_code 0 "the campaign"
table() { cut -d, -f 1-8 results/results.csv | sort; }
table > first

# Without being told, nothing is changed.
campaign campaign.yaml "seeds: [1, 2]" "methods: [streaming_llm, h2o, knorm]"
cp -r results kept
refuses extend_not_told go
refuses extend_not_told_in_process go --in-process
diff -r results kept || fail "a run that was not told to extend changed the directory"
extends "a method more" 2 "2 cells new, 6 reused"
campaign campaign.yaml "seeds: [1, 2]" "methods: [streaming_llm, {name: h2o, recent: 0.3}, knorm]"
extends "a parameter" 2 "0 cells new, 2 to run again (h2o.recent 0.5 -> 0.3), 6 reused"
campaign campaign.yaml "seeds: [1, 2]" "methods: [streaming_llm, h2o, knorm]"
extends "and back" 0 "0 cells new, 8 reused"
campaign campaign.yaml "seeds: [1, 2]" "methods: [streaming_llm, {name: h2o, as: heavy}, knorm]"
extends "a label" 0 "0 cells new, 8 reused"
grep -q '"changes":\["label h2o -> heavy"\]' results/events.jsonl ||
  fail "it does not say what was renamed"
[ -e results/heavy_s0.5_ctx64_seed1.json ] && [ ! -e results/h2o_s0.5_ctx64_seed1.json ] ||
  fail "the renamed result is not under its new name alone"
campaign campaign.yaml "seeds: [1, 2]" \
  "methods: [{name: streaming_llm, as: heavy}, {name: h2o, as: streaming_llm}, knorm]"
extends "labels that are swapped" 0 "0 cells new, 8 reused"
campaign campaign.yaml "seeds: [1, 2]" "methods: [streaming_llm, h2o]" "$two"
extends "a dataset more" 6 "6 cells new, 6 reused, 2 no longer in the plan (kept, marked)"
[ -e results/prose/h2o_s0.5_ctx64_seed1.json ] || fail "no folder for the dataset"
campaign campaign.yaml "seeds: [1, 2]" "methods: [streaming_llm, h2o]"
extends "a dataset less" 0 "0 cells new, 6 reused, 6 no longer in the plan (kept, marked)"
table | cmp - first || fail "the old config has another table than at first"
campaign campaign.yaml "seeds: [2, 3]" "methods: [streaming_llm, h2o]" "sparsity: [0.5, 0.75]" \
  "protocol: {context: [32, 64], documents: 4}"
extends "seeds, amounts and contexts" 17 "17 cells new, 3 reused, 3 no longer in the plan"
[ "$(ls results/history | sort -n | tail -1)" = 8 ] || fail "the history has $(ls results/history)"
for record in results/history/*/history.json; do
  "$build/tests/pressroom_validate_json" "$source/docs/schemas/history.schema.json" "$record"
done
while read -r line; do
  printf '%s' "$line" > line
  "$build/tests/pressroom_validate_json" "$source/docs/schemas/events.schema.json" line > out ||
    fail "not as events.schema.json says: $line"
done < <(grep -E '"(extended|cell kept)"' results/events.jsonl)

# What says nothing of the numbers needs no --extend, and leaves no history.
campaign campaign.yaml "seeds: [2, 3]" "methods: [{name: h2o, group: heavy}, streaming_llm]" \
  "sparsity: [0.5, 0.75]" "protocol: {context: [32, 64], documents: 4}" "notes: a note" "tags: [a]"
observe go
expect_code 0 "a note"
[ "$(ran)" = 0 ] || fail "a note made cells run"
grep -q "a note" results/config.yaml || fail "the note is not in config.yaml"
[ "$(ls results/history | wc -l)" = 8 ] || fail "a note is no other config"

# Other campaigns' results are taken as before.
campaign campaign.yaml "seeds: [1]" "methods: [h2o, knorm]"
observe "$pressroom" run campaign.yaml --out fresh --reuse results
expect_code 0 "--reuse"
[ "$(grep -c '"cell copied"' fresh/events.jsonl)" = 3 ] || fail "results of the history are not reused"

# Killed at any moment, however often, it loses nothing and goes on.
keys results > before
for i in $(seq 8); do
  if [ $((i % 2)) = 0 ]; then
    campaign campaign.yaml "seeds: [2, 3]" "methods: [h2o]" "$two"
  else
    campaign campaign.yaml "seeds: [2]" "methods: [{name: h2o, as: heavy}, knorm]"
  fi
  # With its workers: the program itself leads the group, and not a shell that waits for it.
  setsid "$pressroom" run campaign.yaml --out results --extend > log 2>&1 &
  killed=$!
  sleep "0.$((RANDOM % 6))$((RANDOM % 10))"
  kill -9 -- "-$killed" 2> none || true
  wait "$killed" 2> none || true
  # The workers of the group are no children of this shell, and may take a moment longer to go.
  while kill -0 -- "-$killed" 2> none; do sleep 0.05; done
  keys results > after
  [ -z "$(comm -23 before after)" ] || fail "a kill lost results: $(comm -23 before after)"
  mv after before
done
observe go --extend
expect_code 0 "after kills"
keys results > after
[ -z "$(comm -23 before after)" ] || fail "the run after kills lost results"

# What no extension can do.
rm -r results fresh
campaign campaign.yaml
observe go
expect_code 0 "another campaign"
cp -r results kept2
campaign campaign.yaml "protocol: {context: 64, documents: 3}"
refuses extend_documents go --extend
campaign campaign.yaml "protocol: {kind: {name: chunked}, context: 64, documents: 4}" "dtype: bfloat16"
sed -i 's/kind: {name: chunked}/kind: chunked, chunk_size: 8/' campaign.yaml
refuses extend_protocol go --extend
campaign campaign.yaml
sed -i 's/^sparsity:.*/budget: [16]/' campaign.yaml
refuses extend_amounts go --extend
tr a-z n-za-m < "$prose" > other.txt
campaign campaign.yaml "datasets: {reader: text, path: other.txt, as: prose}" "seeds: [1, 2]"
cp "$prose" prose.txt
sed -i "s|^datasets:.*|datasets: {reader: text, path: other.txt}|" campaign.yaml
refuses extend_tokens go --extend
diff -r results kept2 || fail "a refused extension changed the directory"

# Asked on a terminal.
campaign campaign.yaml "methods: [streaming_llm, h2o, knorm]"
answer() { script -qec "$pressroom run campaign.yaml --out results" /dev/null <<< "$1" > out 2>&1; }
if script -qec true /dev/null > none 2>&1; then
  code=0
  answer n || code=$?
  expect_code 2 "an answer of no"
  grep -q "extend it? (y/N)" out || fail "it was not asked: $(cat out)"
  grep -q "1 cell new, 3 reused" out || fail "it was not said what for: $(cat out)"
  diff -r results kept2 || fail "an answer of no changed the directory"
  code=0
  answer y || code=$?
  expect_code 0 "an answer of yes"
  [ "$(ran)" = 1 ] || fail "an answer of yes ran $(ran) cells"
else
  echo "NOT TESTED: the question on a terminal: no terminal can be made here (/dev/pts)"
  go --extend > log 2>&1 || fail "$(cat log)"
fi

# Others at work.
campaign campaign.yaml "methods: [streaming_llm, h2o, {name: slow, pause_us: 20000}]"
observe run --extend
expect_code 0 "a slow method"
campaign campaign.yaml "methods: [streaming_llm, h2o, {name: slow, pause_us: 20001}]"
run --extend > log 2>&1 &
slow=$!
for _ in $(seq 400); do
  ! ls results/leases 2> none | grep -q slow || break
  sleep 0.05
done
campaign campaign.yaml "methods: [streaming_llm, h2o]"
refuses extend_others_at_work run --extend
kill -9 "$slow"
wait "$slow" 2> none || true

passed 7
