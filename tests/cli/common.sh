# What the tests of the whole program share. Sourced with BUILD_DIR and SOURCE_DIR as arguments; the
# script then stands in an empty folder of its own, which is gone when it ends.
#
#   $pressroom  the program                $tiny     a tiny random model, its tokens are the bytes
#   $prose      a text of 2 750 bytes      $plugins  methods that behave badly
#
# With PRESSROOM_APPROVE=1 in the environment approved texts are rewritten instead of compared, to
# be read in the diff before they are committed.
set -euo pipefail
export LC_ALL=C
unset PRESSROOM_PLUGIN_PATH

fail() {
  echo "$(basename "$0" .sh): $*" >&2
  exit 1
}

[ $# -ge 2 ] || fail "usage: $0 BUILD_DIR SOURCE_DIR"
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
pressroom=$build/bin/pressroom
plugins=$build/tests/cli/plugins
prose=$source/tests/data/prose.txt
approved=$source/tests/cli/approved

work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT
cd "$work"
tiny=$work/tiny
"$build/tests/pressroom_make_tiny_model" "$tiny"

# Runs a command; leaves its output in the files out and err, its exit code in $code.
observe() {
  code=0
  "$@" > out 2> err < /dev/null || code=$?
}

expect_code() {
  [ "$code" = "$1" ] || fail "$2: exit code $code instead of $1; it said:
$(cat out err)"
}

# Standard input without what differs from machine to machine: paths, hashes, versions, what the
# JSON library says, whether the BLAS is a good one.
normalised() {
  sed -E -e "s|$work/||g" -e "s|$work|FOLDER|g" -e "s|$build|BUILD|g" -e "s|$source|SOURCE|g" \
    -e 's/[0-9a-f]{64}/HASH/g' -e 's/\[json\.exception\..*/[JSON]/' \
    -e '/^warning: products run on the reference BLAS/d'
}

# Compares standard input with approved/NAME.txt.
expect_approved() {
  normalised > "$work/normalised"
  if [ -n "${PRESSROOM_APPROVE:-}" ]; then
    cp "$work/normalised" "$approved/$1.txt"
  elif ! diff -u "$approved/$1.txt" "$work/normalised"; then
    fail "$1: another text than approved in $approved/$1.txt"
  fi
}

# refuses NAME COMMAND...: exit code 2, nothing on standard output, the approved message.
count=0
refuses() {
  local name=$1
  shift
  observe "$@"
  expect_code 2 "$name"
  [ ! -s out ] || fail "$name: it printed $(cat out)"
  expect_approved "$name" < err
  count=$((count + 1))
}

# passed LEAST: the end of a script that compared at least so many messages.
passed() {
  [ "$count" -ge "$1" ] || fail "only $count messages were compared"
  echo "$(basename "$0" .sh): passed, $count messages"
}

run() { "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out results "$@"; }

# campaign FILE [LINE...]: a campaign on the tiny model; lines given replace those of the same key.
campaign() {
  local file=$1 line key
  shift
  cat > "$file" << END
name: tiny
model: $tiny
protocol: {context: 64, documents: 4}
datasets: {reader: text, path: $prose}
methods: [streaming_llm, h2o]
sparsity: [0.5]
seeds: [1]
metrics: [perplexity, cache]
END
  for line in "$@"; do
    key=${line%%:*}
    sed -i "/^$key:/d" "$file"
    echo "$line" >> "$file"
  done
}

# Cell files of a campaign directory.
cells() {
  find "$1" -name '*_seed*.json' | sort
}

expect_no_partial() {
  local left
  left=$(find "$1" -name '*.partial')
  [ -z "$left" ] || fail "half-written files remain: $left"
}

# Copies a campaign directory's cells and results.csv without times and process memory.
without_times() {
  local file
  mkdir "$2"
  for file in $(cells "$1"); do
    sed -E -e '/"(tokens_per_second|step_latency_p50|step_latency_p95|process_peak_bytes)": \{/,/\}/ s/("value": )[^,]*/\1TIMED/' \
      -e 's/^( "(tokens_per_second|peak_memory_mb|seconds|sha256)": ).*/\1TIMED,/' \
      "$file" > "$2/$(basename "$file")"
  done
  awk -F, '
    NR == 1 {
      for (i = 1; i <= NF; i++) timed[i] = $i ~ /^(tokens_per_second|step_latency|process_peak)/
    }
    {
      line = ""
      for (i = 1; i <= NF; i++) line = line (timed[i] ? "TIMED" : $i) ","
      print line
    }' "$1/results.csv" > "$2/results.csv"
}
