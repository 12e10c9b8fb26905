#!/bin/sh
# What `pressroom plugin new` writes builds and passes its tests as it stands, and an installed
# harness that is not rebuilt uses it: a project of each kind.
#
#   new.sh BUILD_DIR SOURCE_DIR
#
# Installs BUILD_DIR into a temporary prefix, has the program of that prefix write, build and test
# the three projects, and runs a campaign with all of them.
set -eu

fail() {
  echo "out_of_tree_new: $*" >&2
  exit 1
}

[ $# = 2 ] || fail "usage: new.sh BUILD_DIR SOURCE_DIR"
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
harness=$work/prefix/bin/pressroom
# Nothing may lead to another Pressroom, or to another new plugin, than those of this test.
unset PRESSROOM_PLUGIN_PATH CMAKE_PREFIX_PATH

cmake --install "$build" --prefix "$work/prefix" > "$work/install.log" || fail "cannot install $build"
mkdir "$work/projects"
cd "$work/projects"

for kind in method dataset metric; do
  name=my_new_$kind
  "$harness" plugin new "$kind" "$name" > new.txt || fail "no $kind was written"
  "$harness" plugin test "$name" > test.txt 2> build.txt ||
    fail "$name does not build or does not pass: $(tail -n 40 build.txt test.txt)"
  grep -q "100% tests passed, 0 tests failed out of 2" test.txt || fail "other tests: $(cat test.txt)"
  grep -q " warning: " build.txt && fail "the build of $name warns: $(cat build.txt)"
  [ "$(cd "$name" && "$harness" plugin build 2> again.txt)" = "build/pressroom_${kind}_$name.so" ] ||
    fail "plugin build does not say what it built: $(cat "$name/again.txt")"
  # By hand, from a folder that was never built in, as its CI does it.
  [ "$kind" != metric ] || (rm -rf "$name/build" && PATH=${harness%/*}:$PATH "$name/ci.sh" > ci.txt 2>&1) ||
    fail "ci.sh of $name does not pass: $(cat ci.txt)"
done

for _ in 1 2 3; do tr '\n' ' ' < "$source/tests/data/prose.txt"; echo; done > lines.txt
cat > campaign.yaml << 'END'
name: new
model: starter
protocol: {context: 64, documents: 3}
datasets: [{reader: my_new_dataset, path: lines.txt}]
methods: [dense, my_new_method]
sparsity: [0.5]
seeds: [1]
metrics: [perplexity, my_new_metric]
END
"$harness" run campaign.yaml --out results --plugin-dir my_new_method/build \
  --plugin-dir my_new_dataset/build --plugin-dir my_new_metric/build > table.txt 2> log.txt ||
  fail "a campaign of the three fails: $(cat log.txt)"
grep -q "^my_new_method .* 0.5 " table.txt || fail "no row of the method: $(cat table.txt)"
grep -q "my_new_metric" results/results.csv || fail "no value of the metric: $(cat results/results.csv)"
echo "out_of_tree_new: passed"
