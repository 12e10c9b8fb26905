#!/bin/bash
# What is relied on in `pressroom bench`: the fields of --json, and the words for bad requests. No
# time is looked at.
source "$(dirname "$0")/common.sh"

bench() { "$pressroom" bench "$@"; }
replay() { bench replay --model "$tiny" --text "$prose" "$@"; }
small=(--tokens 48 --budget 16)

refuses bench_unknown bench replai
refuses bench_no_text bench replay --model "$tiny"
refuses bench_no_model bench decode --text "$prose"
refuses bench_bad_option replay --repeat-s 5
refuses bench_bad_tokens replay --tokens 1
refuses bench_bad_positions replay --positions cached
refuses bench_text_too_short replay --tokens 5000 --methods dense
refuses bench_nothing_evicted replay --tokens 48 --budget 48 --methods knorm
refuses bench_decode_more_than_there_is replay "${small[@]}" --decode knorm --decode-tokens 49
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

observe bench decode --model "$tiny" --text "$prose" --tokens 48 --budget 16 --methods knorm --json
expect_fields "bench decode --json" '"runs":\[\{"method":"dense","engine":"decode"' \
  '"method":"knorm","engine":"decode"' "\"step_ms_p50\":$number,\"step_ms_p95\":$number\}\]\}$"

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

passed 11
