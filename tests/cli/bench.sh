#!/bin/bash
# What is relied on in `pressroom bench`: the fields of --json, and the words for bad requests. No
# time is looked at.
source "$(dirname "$0")/common.sh"

bench() { "$pressroom" bench "$@"; }
replay() { bench replay --model "$tiny" --text "$prose" "$@"; }
small=(--tokens 48 --budget 16)
study() {
  bench decode --model "$tiny" --text "$prose" --budget "${budget:-16}" \
    --lengths "${lengths:-64,96}" --tokens 12 --warmup 2 "$@"
}

refuses bench_unknown bench replai
refuses bench_no_text bench replay --model "$tiny"
refuses bench_no_model bench decode --text "$prose"
refuses bench_bad_option replay --repeat-s 5
refuses bench_bad_tokens replay --tokens 1
refuses bench_bad_positions replay --positions cached
refuses bench_text_too_short replay --tokens 5000 --methods dense
refuses bench_nothing_evicted replay --tokens 48 --budget 48 --methods knorm
refuses bench_decode_more_than_there_is replay "${small[@]}" --decode knorm --decode-tokens 49
lengths=64,400 refuses bench_study_too_short study --sequences 1,8
budget=80 refuses bench_study_nothing_evicted study
budget=3 refuses bench_study_budget_below_protected study --methods '{name: streaming_llm, n_sink: 4}'
lengths=64,,96 refuses bench_study_bad_lengths study
lengths=64,64 refuses bench_study_same_length study
refuses bench_study_same_dtype study --fastest-of float32,float32
refuses bench_study_many_sequences study --sequences 9
refuses bench_study_bad_precision study --precision 0
refuses bench_study_bad_dtype study --fastest-of float32,int4
refuses bench_study_bad_kv_dtype study --kv-dtype int3
refuses bench_study_no_method study --methods h3o
refuses bench_bad_shape bench kernels --group 0
refuses bench_bad_flag bench kernels -- --benchmark_speed=9

# expect_fields NAME FIELD...: one line of JSON with all of these.
expect_fields() {
  local name=$1 field
  shift
  expect_code 0 "$name"
  [ "$(wc -l < out)" = 1 ] || fail "$name printed more than one line: $(cat out)"
  for field; do grep -qE "$field" out || fail "$name: no $field in $(cat out)"; done
}

number='-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?'
times="\"seconds\":\[$number,$number\],\"min_seconds\":$number,\"median_seconds\":$number"
times+=",\"max_seconds\":$number,\"tokens_per_second\":$number,\"ratio_to_baseline\":$number"
times+=",\"peak_bytes_above_loaded\":([0-9]+|null),\"mean_nll\":$number"
first='"method":"dense","engine":"replay","positions":"original","tokens":48'
observe replay "${small[@]}" --methods '{name: h2o, recent: 4, as: mine},streaming_llm' --decode knorm \
  --decode-tokens 20 --repeats 2 --threads 1 --json
expect_fields "bench replay --json" "^\{\"model\":\"[^\"]+\",\"weight_bytes\":[0-9]+" \
  '"dtype":"float32","blas":"[^"]+","ids_sha256":"[0-9a-f]{64}","tokens":48,"documents":1' \
  '"budget_tokens":16,"threads":1,"runs":\[\{"method":"dense"' "\{$first,$times\}" \
  '"method":"mine","engine":"replay"' '"method":"streaming_llm","engine":"replay","positions":"orig' \
  '"method":"streaming_llm","engine":"replay","positions":"cache_index"' \
  '"method":"knorm","engine":"decode","positions":"original","tokens":20,"seconds":\[[^,]*\],'

use='"method":"[^"]*","positions":"original"'
held='"dtype":"float32","kv_dtype":"float32"'
# As it was called before there were lengths: those that text and model have room for.
observe bench decode --model "$tiny" --text "$prose" --tokens 16 --budget 16 --methods knorm \
  --repeats 1 --fastest-of float32 --json
expect_fields "bench decode --json" '"schema":"pressroom.bench_decode/1"' \
  '"seq_lengths":\[256\],"sequences":\[1\]' '"every":null' \
  "\"mode\":\"baseline\",$use,$held,\"seq_length\":256,[^}]*:null,.*\"num_runs\":1," \
  "\"mode\":\"knorm\",$use,[^}]*\"kv_cache_size\":16,[^}]*\"speedup\":$number"

observe study --methods '{name: h2o, recent: 4, as: mine}' --sequences 1,8 --repeats 3 \
  --precision 50% --every 5 --threads 1 --figures drawn --json
expect_fields "the study" "\"read_gigabytes_per_second\":$number" \
  "\"mode\":\"mine\",$use,$held,\"seq_length\":96,\"sequences\":8," \
  '"dtype":"bfloat16","kv_dtype":"float32","seq_length":64,"sequences":1,' '"dtype":"float16"' \
  "\"ratio_to_one_sequence\":$number" \
  "\"stretches\":\[\{\"tokens\":5,.*\{\"tokens\":10,.*\{\"tokens\":12,"
for figure in decode_ms_s1 decode_kv_s1 decode_ms_s8 decode_kv_s8; do
  [ -s "drawn/$figure.csv" ] || fail "there is no drawn/$figure.csv"
  ! command -v gnuplot > /dev/null || [ -s "drawn/$figure.svg" ] || fail "no drawn/$figure.svg"
done

# The mean of one run is not known, and the table says so.
observe study --methods streaming_llm --repeats 1 --every 6
expect_code 0 "bench decode"
grep -qE '^streaming_llm +float32 +96 +1 +1 .* \? \* ' out || fail "no row of a study: $(cat out)"
grep -qF '* not known to 2.0 % after 1 run' out || fail "nothing of a rough mean: $(cat out)"
grep -qE '^ +12 +[0-9.]+ +16 ' out || fail "no row of a stretch: $(cat out)"

quick=(--benchmark_min_time=0.001 --benchmark_repetitions=1)
figure="\"bytes\":$number,\"flops\":$number,\"calls_per_second\":\[$number\]"
figure+=",\"gigabytes_per_second\":$number,\"gigaflops_per_second\":$number"
observe bench kernels --head-dim 16 --group 2 --budget 24 --tokens 96 --json -- "${quick[@]}"
expect_fields "bench kernels --json" \
  '^\{"head_dim":16,"group":2,"budget_tokens":24,"tokens":96,"threads":1,"figures":\[' \
  "\{\"name\":\"copy_memory\",$figure,\"limit\":null,\"fraction_of_limit\":null\}" \
  "\{\"name\":\"masked_window\",$figure,\"limit\":\"(product|copy_cache)\",\"fraction_of_limit\":$number\}"

observe replay "${small[@]}" --methods knorm --repeats 1
expect_code 0 "bench replay"
grep -qE '^knorm +replay +original +48 ' out || fail "no row of knorm: $(cat out)"
observe bench kernels --tokens 96 --budget 24 -- "${quick[@]}"
expect_code 0 "bench kernels"
grep -qE '^slot_kernel .* % (product|copy_cache)$' out || fail "no row of slot_kernel: $(cat out)"

passed 21
