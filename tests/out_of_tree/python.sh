#!/bin/sh
# A press that was written in Python becomes a plugin that carries its module, computes what the
# method torchscript computes of the file, to the bit, and travels as a bundle.
#
#   python.sh BUILD_DIR SOURCE_DIR
#
# Installs BUILD_DIR into a temporary prefix, and has the program of that prefix do the rest.
set -eu
# A machine may have Ninja and no make.
if command -v ninja > /dev/null; then export CMAKE_GENERATOR=Ninja; fi

fail() {
  echo "out_of_tree_python: $*" >&2
  exit 1
}

[ $# = 2 ] || fail "usage: python.sh BUILD_DIR SOURCE_DIR"
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
harness=$prefix/bin/pressroom
# Nothing may lead to another Pressroom, or to another new plugin, than those of this test.
unset PRESSROOM_PLUGIN_PATH CMAKE_PREFIX_PATH XDG_DATA_HOME
export PRESSROOM_HOME="$work/home"

cmake --install "$build" --prefix "$prefix" > "$work/install.log" || fail "cannot install $build"
mkdir "$work/here"
cd "$work/here"
for press in keydiff knorm weighted; do
  "$build/tests/pressroom_make_scripted_press" $press $press.pt
done
tr '\n' ' ' < "$source/tests/data/prose.txt" > text.txt

score() {
  "$harness" score --model starter --text text.txt --json --logits "$@" |
    sed -e 's/"method":"[^"]*"//' -e 's/"seconds":[^,}]*//'
}
# same PRESS TORCHSCRIPT ARGUMENT...: both methods come to the same result, bit by bit.
same() {
  press=$1
  torchscript=$2
  shift 2
  score --method "$press" "$@" > press.json 2> press.err || fail "$press $*: $(cat press.err)"
  score --method "$torchscript" "$@" > file.json || fail "$torchscript $*"
  grep -q '"kept_positions":\[\[' press.json || fail "$press $*: nothing was scored"
  cmp press.json file.json || fail "$press is not $torchscript under $*"
}
built() { sha256sum < my_press/build/pressroom_method_my_press.so; }

# --- The project of a module that has weights and an argument.
"$harness" plugin new method my_press --python weighted.pt > new.txt || fail "no project was written"
cmp weighted.pt my_press/my_press.pt || fail "another module is in the project"
"$harness" plugin test my_press > test.txt 2> build.txt ||
  fail "it does not build or does not pass: $(tail -n 40 build.txt test.txt)"
grep -q "100% tests passed, 0 tests failed out of 1" test.txt || fail "other tests: $(cat test.txt)"
! grep -q " warning: " build.txt || fail "the build warns: $(cat build.txt)"
first=$(built)
parameters="n_sink: 4, recent: 0.25, arguments: [power=0.5]"
for how in "--sparsity 0.5 --engine replay" "--budget 40 --engine decode"; do
  same my_press "{name: torchscript, file: weighted.pt}" --plugin-dir my_press/build $how
  same "{name: my_press, $parameters}" "{name: torchscript, file: weighted.pt, $parameters}" \
    --plugin-dir my_press/build $how
done

# --- Saved again, and now causal: another plugin.
cp knorm.pt my_press/my_press.pt
sed -i 's/^  # PAPER .*/  PAPER "an author" CAUSAL/' my_press/CMakeLists.txt
"$harness" plugin build my_press > new.txt 2> build.txt || fail "it does not build: $(cat build.txt)"
[ "$(built)" != "$first" ] || fail "the plugin is the same with another module"
"$harness" show my_press --plugin-dir my_press/build > show.txt
grep -q "causal: .* default true" show.txt || fail "CAUSAL is not its default: $(cat show.txt)"
grep -q "an author" show.txt || fail "the paper is not shown: $(cat show.txt)"
! grep -q "file: path" show.txt || fail "it wants a file: $(cat show.txt)"
for causal in true false; do
  same "{name: my_press, causal: $causal}" "{name: torchscript, file: knorm.pt, causal: $causal}" \
    --plugin-dir my_press/build --sparsity 0.5 --protocol "{kind: prefill, prefill_tokens: 320}"
done

# --- As a bundle, in another home.
sed -i 's/[Tt]o be filled in/filled in/' my_press/README.md my_press/CMakeLists.txt
sed -i -e 's/^licence:.*/licence: Apache-2.0/' -e 's/^authors:.*/authors: [Ann Author]/' my_press/bundle.yaml
echo "Apache License 2.0" > my_press/LICENSE
"$harness" plugin pack my_press > pack.txt 2> build.txt || fail "it cannot be packed: $(cat build.txt)"
"$harness" plugin install my_press-0.1.0.press.tar.zst --allow-unsigned > install.txt 2>&1 ||
  fail "it cannot be installed: $(cat install.txt)"
mv my_press gone
same my_press "{name: torchscript, file: knorm.pt, causal: true}" --sparsity 0.5

# --- What CMake is told that makes no plugin.
mkdir wrong
echo "version https://git-lfs.github.com/spec/v1" > wrong/pointer.pt
package=$(dirname "$(find "$prefix" -name PressroomAddPlugin.cmake)")
wrong() { # MESSAGE ARGUMENTS
  cat > wrong/CMakeLists.txt << END
cmake_minimum_required(VERSION 3.20)
project(wrong LANGUAGES NONE)
include("$package/PressroomAddPlugin.cmake")
pressroom_add_python_press(my_press $2)
END
  ! cmake -S wrong -B wrong/build > wrong.txt 2>&1 || fail "CMake takes $2"
  # CMake breaks lines where it likes.
  tr -s ' \n' ' ' < wrong.txt | grep -q "pressroom_add_python_press(my_press): $1" ||
    fail "$2: $(cat wrong.txt)"
}
wrong "FILE is missing" 'VERSION 0.1.0 SUMMARY "s"'
wrong "VERSION is missing" 'FILE ../knorm.pt SUMMARY "s"'
wrong "SUMMARY is missing" 'FILE ../knorm.pt VERSION 0.1.0'
wrong "no such argument: CASUAL" 'FILE ../knorm.pt VERSION 0.1.0 SUMMARY "s" CASUAL'
wrong "VERSION is not of the form 0.1.0: \"1.0\"" 'FILE ../knorm.pt VERSION 1.0 SUMMARY "s"'
wrong "SUMMARY is not one line of plain text" 'FILE ../knorm.pt VERSION 0.1.0 SUMMARY "s\nt"'
wrong "FILE is no module that was saved as TorchScript" 'FILE none.pt VERSION 0.1.0 SUMMARY "s"'
wrong "FILE is no module that was saved as TorchScript" 'FILE pointer.pt VERSION 0.1.0 SUMMARY "s"'
echo "out_of_tree_python: passed"
