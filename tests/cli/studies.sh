#!/bin/bash
# Every study's config runs on the starter model as it is, in less time and text than it would take
# by itself, and leaves the files that the study fixed, each as its schema says. So do the commands
# that the configs' comments give.
source "$(dirname "$0")/common.sh"

validate=$build/tests/pressroom_validate_json
schemas=$source/docs/schemas

# study NAME FLAGS...: runs configs/studies/NAME.yaml into the folder NAME.
study() {
  local name=$1
  shift
  begin=$(date +%s%N)
  observe "$pressroom" run "$source/configs/studies/$name.yaml" --model starter --out "$name" "$@"
  expect_code 0 "$name"
  echo "$name: $((($(date +%s%N) - begin) / 1000000)) ms, $(find "$name" -type f | wc -l) files"
  valid cell $(find "$name" -name '*_ctx*_seed*.json')
  for file in plan results aggregated_results significance_tests provenance; do
    valid $file "$name/$file.json"
  done
  valid_events "$name"
}

# valid SCHEMA FILE...
valid() {
  local schema=$1
  shift
  [ $# -gt 0 ] || fail "$schema: there is no such file"
  "$validate" "$schemas/$schema.schema.json" "$@" || fail "not as $schema.schema.json says"
}

# valid_events DIRECTORY: each line of its events.
valid_events() {
  rm -rf events
  mkdir events
  split -l 1 -a 4 "$1/events.jsonl" events/
  valid events events/*
}

has_line() {
  grep -q -- "$2" "$1" || fail "$1 has no line like: $2
$(cat "$1")"
}

study generation --documents 2
has_line generation/generation_summary.txt '^h2o  *0\.9 '
has_line generation/generation_summary.txt '^h2o_vs_cab_s0.9: p'
for file in dense_s0.0 h2o_s0.5 h2o_s0.9 cab_s0.7; do
  [ -f "generation/${file}_ctx512_seed44.json" ] || fail "generation: no ${file}_ctx512_seed44.json"
done

for name in quick full ablation; do
  study perplexity-$name --documents 2
  valid perplexity_sweeps perplexity-$name/perplexity_sweeps.json
done

study kvpress-reproduction --documents 2 --set compression_ratio='[0.25, 0.5]'
valid press_metrics kvpress-reproduction/*__starter__*/metrics.json
valid pythia_kvpress_sweep kvpress-reproduction/pythia_kvpress_sweep.json
for folder in no_press__0.00 knorm__0.25 streaming_llm__0.50; do
  for file in metrics.json predictions.csv config.yaml; do
    [ -s "kvpress-reproduction/text__starter__$folder/$file" ] || fail "no $folder/$file"
  done
done

for name in accelerated-inference accelerated-inference-unequal; do
  study $name --documents 2
  valid ppl_results $name/ppl_text/ppl_results_*.json
  for mode in baseline streaming h2o lazy_h2o sepllm unified; do
    [ -f $name/ppl_text/ppl_results_$mode.json ] || fail "$name: no ppl_results_$mode.json"
  done
done

study accelerated-inference-speed --context '[384, 512]' --seeds 42
valid speed_results accelerated-inference-speed/speed_benchmark/speed_results_*.json
for mode in baseline streaming h2o lazy_h2o sepllm unified; do
  file=accelerated-inference-speed/speed_benchmark/speed_results_$mode.json
  has_line "$file" '"seq_length": 256,'
  has_line "$file" '"avg_decode_latency_ms": [0-9]'
done

for name in compare-methods compare-methods-matched; do
  study $name --documents 2
  valid comparison_summary $name/comparison_summary.json
  valid detailed_results $name/detailed_results.json
  has_line $name/comparison_summary.txt '^baseline '
  for method in kvzap random streaming_llm expected_attention observed_attention; do
    has_line $name/comparison_summary.json "\"method\": \"$method\""
  done
done
valid calibration compare-methods-matched/calibration.json

# The commands in the configs' comments, as one would copy them, on the starter model; those that
# name data of one's own are checked on such data.
commands() {
  sed -n -E '/^#   pressroom run /,/[^\\]$/ s/^# +//p' "$source"/configs/studies/*.yaml |
    sed -e :a -e '/\\$/N; s/\\\n//; ta'
}
ln -s "$source/configs" "$source/datasets" .
mkdir -p data/pg19/test
cp "$prose" data/pg19/test/1.txt
cp "$prose" data/wiki.test.raw
pressroom() { "$pressroom" "$@"; }
copied=0
while read -r command; do
  copied=$((copied + 1))
  case $command in
    *"--model starter"*) continue ;;  # as above
    *"--set datasets."*)
      # The tiny model was made for fewer positions than the study's.
      observe eval "${command/ run / check } --model '$tiny' --set beyond_positions=true"
      ;;
    *" --out "*)
      observe eval "$command --model starter --set protocol.context=1024 --set protocol.documents=1"
      ;;
    *) fail "a command in a comment overwrites the study's own results: $command" ;;
  esac
  expect_code 0 "$command"
done < <(commands)
[ "$copied" -ge 15 ] || fail "only $copied commands were found in comments"
valid ppl_results results/accelerated-inference-512-chunks/ppl_text/ppl_results_baseline.json
valid press_metrics results/kvpress-strided/text__starter__no_press__0.00/metrics.json
valid detailed_results results/compare-methods-chunked/detailed_results.json

run_traced() { "$pressroom" run "$source/configs/studies/perplexity-quick.yaml" --model starter "$@"; }
observe run_traced --out traced --methods streaming_llm --set traces=true --context 256 --documents 2
expect_code 0 "with traces"
valid tokens traced/tokens/*.json
echo "studies.sh: passed, $copied commands of comments"
