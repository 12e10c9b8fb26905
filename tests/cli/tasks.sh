#!/bin/bash
# Campaigns over tasks: what a user reads when a task cannot be made or asked, and that answers do not
# depend on how they are got - forced or generated, replayed or decoded.
source "$(dirname "$0")/common.sh"

# asks NAME DATASET [LINE...]: a campaign whose dataset cannot be asked, refused.
asks() {
  local name=$1 dataset=$2
  shift 2
  campaign campaign.yaml "metrics: [exact_match, cache]" "datasets: [$dataset]" \
    "protocol: {kind: questions, context: 64, documents: 1}" "$@"
  observe run
  expect_code 2 "$name"
  [ ! -s out ] || fail "$name: it printed $(cat out)"
  expect_approved "$name" < err
  [ -z "$(cells results 2> /dev/null)" ] || fail "$name: it left results"
  [ ! -d results ] || expect_no_partial results
  count=$((count + 1))
  rm -rf results
}

record() { echo "{\"id\": \"$1\", \"context\": \"$2\", \"question\": \"$3\"${4:+, \"answers\": $4}}"; }
fields="context_field: context, question_field: question, answers_field: answers, id_field: id"

# A context shorter than what is fixed.
for task in niah_single_1 niah_multikey_3 vt cwe fwe; do
  asks "task_ruler_$task" "{reader: ruler, task: $task}"
done
for reader in kv_retrieval prefix_suffix math_find state_tracking; do
  asks "task_short_$reader" "{reader: $reader}"
done
asks task_short_recall "{reader: recall}"
record a "$(printf 'red %.0s' $(seq 40))" "What?" '"red"' > long.jsonl
asks task_short_jsonl "{reader: jsonl, path: long.jsonl, $fields}"

# Answers that are not there, questions without answers, ids that come twice.
record a "Anna has a red box." "Which box?" '"blue"' > absent.jsonl
asks task_absent_answer "{reader: jsonl, path: absent.jsonl, $fields, answer_must_occur: true}"
record a "Anna has a red box." "Which box?" > unanswered.jsonl
asks task_without_answers "{reader: jsonl, path: unanswered.jsonl, $fields}"
record a "Anna has a red box." "Which box?" '[]' > unanswered.jsonl
asks task_no_answers "{reader: jsonl, path: unanswered.jsonl, $fields}"
record a "Anna has a red box." "Which box?" '" "' > unanswered.jsonl
asks task_blank_answer "{reader: jsonl, path: unanswered.jsonl, $fields}"
{ record a "A red box." "Which?" '"red"' && record a "A blue box." "Which?" '"blue"'; } > twice.jsonl
asks task_ids_twice "{reader: jsonl, path: twice.jsonl, $fields}" \
  "protocol: {kind: questions, context: 64, documents: 2}"
asks task_no_questions "{reader: text, path: $prose}"

# What is asked of the answers.
good="{reader: recall, facts: 2, questions: 2, length: 96}"
asks task_limit_of_0 "$good" "answers: {from: generated, most_tokens: 0}"
asks task_empty_stop "$good" 'answers: {from: generated, stop: [""]}'
asks task_judged_ungenerated "$good" "metrics: [string_match]"

# The configs of tasks run as they are, but for how much of them; that of real sets needs the sets.
while read -r config flags; do
  # shellcheck disable=SC2086  # a list of words is meant
  observe "$pressroom" run "$source/configs/$config.yaml" --out "$config" --documents 1 $flags
  expect_code 0 "$config"
  [ -s "$config/results.csv" ] || fail "$config left no results"
done << END
ruler --sparsity 0.5
questions --sparsity 0.5
server-constraints
END
observe "$pressroom" check "$source/configs/real-sets.yaml"
expect_code 0 "real-sets"

# The same answers, question by question, however they are got.
cat > same.yaml << END
name: same
model: starter-tasks
protocol: {kind: questions, context: 512, documents: 4}
datasets:
  - {reader: ruler, task: niah_single_1, questions: 2, as: niah_single_1}
  - {reader: ruler, task: niah_multikey_2, questions: 2, as: niah_multikey_2}
  - {reader: ruler, task: vt, num_fewshot: 0, as: vt}
  - {reader: kv_retrieval, questions: 2, as: kv_retrieval}
  - {reader: recall, facts: 8, questions: 8, as: recall}
methods: [dense, {name: streaming_llm, n_sink: 4}, h2o]
sparsity: [0.5]
seeds: [42]
metrics: [exact_match, cache]
END
for how in forced generated; do
  for engine in replay decode; do
    observe "$pressroom" run same.yaml --out "$how-$engine" --engine "$engine" \
      --set "answers=$how"
    expect_code 0 "answers that are $how, by $engine"
  done
done
python3 - << 'END' || fail "answers differ by how they are got"
import json, pathlib

def answers(directory):
    found = {}
    for file in sorted(pathlib.Path(directory).rglob("*.answers.json")):
        stored = json.loads(file.read_text())
        found[str(file.relative_to(directory))] = [
            (document["id"], answer["id"], answer["expected"], answer["is_exact"])
            for document in stored["documents"] for answer in document["answers"]]
    return found

first = answers("forced-replay")
assert len(first) == 15, sorted(first)
for other in ("forced-decode", "generated-replay", "generated-decode"):
    assert answers(other) == first, other
rights = [answer[3] for cell in first.values() for answer in cell]
print(sum(rights), "of", len(rights), "answers are right, four times")
assert 0 < sum(rights) < len(rights), "all answers are alike: nothing was compared"
END
passed 20
