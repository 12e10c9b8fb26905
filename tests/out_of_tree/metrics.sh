#!/bin/sh
# Metrics from outside the tree - the calibration error of docs/write-a-metric.md and a pass rate - in
# projects that `pressroom plugin new metric` wrote, built against an installed harness and used by it.
#
#   metrics.sh BUILD_DIR SOURCE_DIR
set -eu

fail() {
  echo "out_of_tree_metrics: $*" >&2
  exit 1
}

[ $# = 2 ] || fail "usage: metrics.sh BUILD_DIR SOURCE_DIR"
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
examples=$source/tests/out_of_tree/metrics
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
harness=$work/prefix/bin/pressroom
# Nothing may lead to another Pressroom, or to other plugins, than those of this test.
unset PRESSROOM_PLUGIN_PATH CMAKE_PREFIX_PATH

[ "$(wc -l < "$examples/ece.cpp")" -lt 50 ] || fail "the example has grown to 50 lines or more"
python3 -c 'import sys; example, page = (open(name).read() for name in sys.argv[1:]); sys.exit(example not in page)' \
  "$examples/ece.cpp" "$source/docs/write-a-metric.md" || fail "docs/write-a-metric.md shows another ece.cpp"

cmake --install "$build" --prefix "$work/prefix" > "$work/install.log" || fail "cannot install $build"
mkdir "$work/projects"
cd "$work/projects"
for name in ece pass_rate; do
  "$harness" plugin new metric $name > new.txt || fail "no project of $name was written"
  cp "$examples/$name.cpp" $name
  cp "$examples/${name}_test.cpp" $name/test
  "$harness" plugin test $name > test.txt 2> build.txt ||
    fail "$name does not build or does not pass: $(tail -n 40 build.txt test.txt)"
  grep -q "100% tests passed, 0 tests failed out of 2" test.txt || fail "other tests: $(cat test.txt)"
  ! grep -q " warning: " build.txt || fail "the build of $name warns: $(cat build.txt)"
done

cat > campaign.yaml << 'END'
name: metrics
model: starter
protocol: {context: 256, documents: 8}
datasets: [{reader: recall, documents: 8}]
methods: [dense, {name: streaming_llm, n_sink: 4}]
sparsity: [0.5]
seeds: [1]
metrics: [perplexity, exact_match, ece, {name: pass_rate, threshold: 0.75}]
END
for engine in replay decode; do
  "$harness" run campaign.yaml --set engine=$engine --out $engine --plugin-dir ece/build \
    --plugin-dir pass_rate/build > table.txt 2> log.txt || fail "a campaign with them fails: $(cat log.txt)"
done
for name in ece pass_rate; do
  head -n 1 replay/results.csv | grep -q "\b$name\b" || fail "no column of $name"
done
# What they say follows from what other files and metrics say, and both engines say the same.
python3 - << 'END' || fail "the values are not what they have to be"
import glob, json, math
from fractions import Fraction
paths = sorted(glob.glob("replay/*_seed1.json"))
assert len(paths) == 2, paths
for path in paths:
    cell = json.load(open(path))
    metrics = cell["metrics"]
    answers = metrics["exact_match"]["answers"]
    passed = [float(Fraction(sum(map(int, right)), len(right)) >= Fraction(3, 4)) for right in answers]
    assert metrics["pass_rate"]["documents"] == passed, path
    assert metrics["pass_rate"]["value"] == sum(passed) / len(passed), path
    ece = metrics["ece"]
    assert len(ece["documents"]) == 8 and all(0 < error < 1 for error in ece["documents"]), path
    # Gaps of documents can make up for each other, never add up to more.
    counts = [document["targets"]["count"] for document in cell["documents"]]
    most = sum(count * error for count, error in zip(counts, ece["documents"])) / sum(counts)
    assert 0 < ece["value"] <= most * (1 + 1e-12), path
    decoded = json.load(open(path.replace("replay", "decode")))["metrics"]
    for a, b in zip(ece["documents"], decoded["ece"]["documents"]):
        assert math.isclose(a, b, abs_tol=0.02), path  # a target at the edge of a bin changes it
END
echo "out_of_tree_metrics: passed"
