#!/bin/sh
# A plugin from outside the tree works with an installed harness that is not rebuilt.
#
#   run.sh BUILD_DIR SOURCE_DIR [ARGUMENT...]
#
# Installs BUILD_DIR into a temporary prefix, builds tests/out_of_tree of SOURCE_DIR against that
# prefix alone, and has the installed harness list and show the new method; then it installs the
# plugin, without a word of where to. With further arguments it runs `pressroom ARGUMENT... --plugin-dir <new plugin>` too, in an empty folder: a campaign, or
# a single score. The harness must have the same SHA-256 afterwards.
set -eu

fail() {
  echo "out_of_tree: $*" >&2
  exit 1
}

[ $# -ge 2 ] || fail "usage: run.sh BUILD_DIR SOURCE_DIR [ARGUMENT...]"
build=$(cd "$1" && pwd)
example=$(cd "$2/tests/out_of_tree" && pwd)
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
plugins=$work/plugins
harness=$prefix/bin/pressroom
# Nothing but --plugin-dir may lead to the new plugin.
unset PRESSROOM_PLUGIN_PATH

[ "$(wc -l < "$example/my_keydiff.cpp")" -lt 40 ] || fail "the example has grown to 40 lines or more"

cmake --install "$build" --prefix "$prefix" > "$work/install.log" || fail "cannot install $build"
before=$(sha256sum "$harness")
if "$harness" list | grep -qw my_keydiff; then
  fail "the harness knows my_keydiff by itself, so this test would show nothing"
fi

[ ! -d "$prefix/share/pressroom/starter" ] || "$harness" list models | grep -qF "$prefix/" ||
  fail "the harness does not use the starter model of its own prefix"

# What is installed is what was built: two folders with the same plugins do not contradict each other.
for built in "$build"/plugins/*.so; do
  installed=$(find "$prefix" -name "$(basename "$built")")
  cmp "$built" "$installed" || fail "installing has changed $built"
done
"$harness" list --plugin-dir "$build/plugins" > "$work/both.txt" 2> "$work/both.err"
! grep -q "left out" "$work/both.err" || fail "built and installed are at odds: $(cat "$work/both.err")"
"$harness" show h2o --plugin-dir "$build/plugins" > "$work/both.txt" || fail "h2o cannot be loaded"

# A header that an older version installed and this one does not have.
echo "struct OfAnOlderVersion {};" > "$prefix/include/pressroom/of_an_older_version.h"
cmake -G Ninja -S "$example" -B "$plugins" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release
cmake --build "$plugins"
[ -f "$plugins/pressroom_method_my_keydiff.so" ] || fail "no pressroom_method_my_keydiff.so was built"

"$harness" list --plugin-dir "$plugins" > "$work/list.txt"
cat "$work/list.txt"
grep -q "my_keydiff .*keeps keys unlike the average key" "$work/list.txt" ||
  fail "my_keydiff is not listed with its summary"
"$harness" show my_keydiff --plugin-dir "$plugins" > "$work/show.txt"
cat "$work/show.txt"
grep -q "2504.15364" "$work/show.txt" || fail "my_keydiff is not described"

# What holds for every method is tried on it by one line of its CMakeLists.txt.
ctest --test-dir "$plugins" --output-on-failure > "$work/ctest.log" ||
  fail "what holds for every method does not hold for my_keydiff: $(cat "$work/ctest.log")"
grep -q "100% tests passed, 0 tests failed out of 1" "$work/ctest.log" || fail "no test was run"

if [ $# -gt 0 ]; then
  mkdir "$work/run"
  (cd "$work/run" && "$harness" "$@" --plugin-dir "$plugins") || fail "pressroom $* has failed"
fi

# Installed without a prefix it goes where this harness looks, and is the file that was built.
cmake --install "$plugins" > "$work/plugin.log" || fail "cannot install the plugin"
"$harness" show my_keydiff > "$work/installed.txt" || fail "the harness does not find what was installed"
grep -q "file: *$prefix/" "$work/installed.txt" || fail "it is elsewhere: $(cat "$work/installed.txt")"
"$harness" show my_keydiff --plugin-dir "$plugins" > "$work/both.txt" || fail "two equal files are at odds"
[ "$(grep sha256 "$work/both.txt")" = "$(grep sha256 "$work/show.txt")" ] || fail "another hash"

[ "$before" = "$(sha256sum "$harness")" ] || fail "the harness was changed"
echo "out_of_tree: passed"
