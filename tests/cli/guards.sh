#!/bin/bash
# What a plugin breaks stays its own: a method that changes how everything after it computes, writes
# to what it is shown, or draws from a generator without a seed fails, by name, and the cells of the
# other methods are what they are without it.
source "$(dirname "$0")/common.sh"

# numbers DIR METHOD...: what was kept and measured in the cells of these methods.
numbers() {
  local folder=$1 method
  shift
  for method in "$@"; do
    for cell in "$folder/$method"_s*.json; do
      echo "$(basename "$cell")"
      grep -E '"(sum_nll_nats|kept_sha256|id)":' "$cell"
    done
  done
}
# error_of CELL: its error, line by line.
error_of() { grep '"error":' "$1" | sed -E 's/^ *"error": "(.*)",?$/\1/; s/\\n/\n/g; s/\\"/"/g'; }

campaign good.yaml "methods: [streaming_llm, knorm, keydiff]" "sparsity: [0.5, 0.75]"
observe "$pressroom" run good.yaml --out good
expect_code 0 "the campaign without bad plugins"
numbers good dense streaming_llm knorm keydiff > expected
[ "$(grep -c sum_nll expected)" = 28 ] || fail "not every cell of the good campaign has a result"

# 1. Settings of the thread and the process, by a policy: its cells fail, and the next method's
# cells, in the same process, are bit for bit what they are without it.
settings=(rounding denormals traps threads dtype gradients determinism locale)
bad=""
for what in "${settings[@]}"; do bad+="{name: changes_state, what: $what, as: bad_$what}, "; done
campaign state.yaml "methods: [streaming_llm, ${bad}knorm, keydiff]" "sparsity: [0.5, 0.75]"
for threads in 1 2; do
  observe "$pressroom" run state.yaml --plugin-dir "$plugins" --threads $threads --out state$threads
  expect_code 1 "methods that change settings"
  numbers state$threads dense streaming_llm knorm keydiff | diff expected - ||
    fail "methods that change settings changed the numbers of others on $threads threads"
done
for what in "${settings[@]}"; do
  for cell in state1/bad_"$what"_s*.json state2/bad_"$what"_s*.json; do
    error_of "$cell" | grep -q "method \"bad_$what\" changed how everything after it computes" ||
      fail "$cell does not say that $what was changed: $(error_of "$cell")"
  done
  error_of "state1/bad_${what}_s0.5_ctx64_seed1.json"
done | expect_approved guards_settings

# The same before any cell is run: when a plugin is loaded, when it is configured, in a reader.
refuses guards_configured "$pressroom" run good.yaml --plugin-dir "$plugins" --out none \
  --methods '{name: changes_state, what: rounding, at_once: true}'
refuses guards_loaded "$pressroom" run good.yaml --plugin-dir "$plugins" --out none \
  --methods rounds_when_loaded
refuses guards_reader "$pressroom" run good.yaml --plugin-dir "$plugins" --out none \
  --datasets '{reader: rounding_reader}'
campaign metric.yaml "metrics: [rounding_metric, perplexity]"
observe "$pressroom" run metric.yaml --plugin-dir "$plugins" --out metric
expect_code 1 "a metric that changes the rounding"
error_of metric/h2o_s0.5_ctx64_seed1.json | expect_approved guards_metric

# 2. Writing to views: found for a plugin from elsewhere, and everywhere with --check-views.
views=(keys values signal queries positions new_keys new_ids attention_input output_projection)
bad=""
for into in "${views[@]}"; do bad+="{name: writes_to_views, into: $into, as: into_$into}, "; done
campaign views.yaml "methods: [streaming_llm, ${bad}knorm, keydiff]" "sparsity: [0.5, 0.75]"
# On one thread, so that the first window to fail is always the same.
observe "$pressroom" run views.yaml --plugin-dir "$plugins" --threads 1 --out views
expect_code 1 "methods that write to views"
numbers views dense streaming_llm knorm keydiff | diff expected - ||
  fail "methods that write to views changed the numbers of others"
for into in "${views[@]}"; do
  error_of "views/into_${into}_s0.5_ctx64_seed1.json"
done | expect_approved guards_views
head -c 300 "$prose" > text.txt
score=(score --model "$tiny" --text text.txt --sparsity 0.5 --method writes_to_views)
refuses guards_score_views "$pressroom" "${score[@]}" --plugin-dir "$plugins"
observe "$pressroom" run good.yaml --check-views --out checked
expect_code 0 "good methods whose views are checked"
numbers checked dense streaming_llm knorm keydiff | diff expected - ||
  fail "--check-views changed the numbers"
# A plugin of the build tree is believed, unless the flag is given.
mkdir -p tree/bin tree/plugins
cp "$pressroom" tree/bin/
cp "$build"/plugins/*.so "$plugins/writes_to_views.so" tree/plugins/
observe tree/bin/pressroom "${score[@]}"
expect_code 0 "a method of the installation that writes to views"
observe tree/bin/pressroom "${score[@]}" --check-views
expect_code 2 "the same with --check-views"

# 3. Random numbers without a seed.
bad=""
for from in rand device torch; do bad+="{name: draws_unseeded, from: $from, as: $from}, "; done
bad+="{name: draws_unseeded, at_birth: true, as: birth}, "
campaign draws.yaml "methods: [streaming_llm, ${bad}knorm, keydiff, random]" "sparsity: [0.5, 0.75]"
run_draws() { observe "$pressroom" run draws.yaml --plugin-dir "$plugins" --out draws; }
run_draws
expect_code 1 "methods that draw without a seed"
numbers draws dense streaming_llm knorm keydiff | diff expected - ||
  fail "methods that draw without a seed changed the numbers of others"
for from in rand device torch; do
  for cell in draws/"$from"_s*.json; do
    error_of "$cell" | grep -q "method \"$from\" keeps other entries when a window is run again" ||
      fail "$cell does not say that it cannot be repeated: $(error_of "$cell")"
  done
done
error_of draws/rand_s0.5_ctx64_seed1.json |
  sed -E 's/layer 0, kv head [01], step [0-9]+:/layer 0, kv head G, step T:/; s/position [0-9]+/position P/' |
  expect_approved guards_draws
for cell in draws/birth_s*.json; do
  error_of "$cell" | grep -q "gives other birth scores when it is asked again" ||
    fail "$cell does not say that its birth scores cannot be repeated: $(error_of "$cell")"
done
# Who repeated a window once is believed in this directory; who failed is tried again.
repeated() { grep -c '"event":"repeated"' draws/events.jsonl; }
[ "$(repeated)" = 4 ] || fail "$(repeated) methods repeated a window instead of 4"
rm draws/knorm_s*.json
run_draws
expect_code 1 "the second run"
[ "$(repeated)" = 4 ] || fail "a method that had repeated a window was asked to do so again"
# A kill may tear the line: what it said is then not known, and found out again.
sed -i '/"method":"knorm"/d' draws/events.jsonl
printf '{"time":"2024-02-29T12:00:00Z","event":"repeated","method":"knorm","sha2' >> draws/events.jsonl
rm draws/knorm_s*.json
run_draws
expect_code 1 "the run after a torn line"
grep '"method":"knorm","sha256":"' draws/events.jsonl > again || fail "knorm was not repeated again"

# 4. Trying such a method finds out.
tries() {  # EXPECTED-IN-THE-OUTPUT METHOD
  observe "$pressroom" test "$2" --model "$tiny" --tokens 64 --plugin-dir "$plugins"
  expect_code 1 "pressroom test $2"
  grep -qF -- "$1" out || fail "pressroom test $2 does not print \"$1\" but: $(cat out)"
}
tries "FAILED: does the same again" "{name: draws_unseeded, from: device}"
tries "FAILED: runs, and every invariant holds" "{name: writes_to_views, into: keys}"
tries "0 passed, 0 failed, 4 not tried" "{name: snapkv, window_size: 60}"
observe "$pressroom" test knorm --model "$tiny" --tokens 64
expect_code 0 "pressroom test of a good method"
passed 4
