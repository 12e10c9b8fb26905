#!/bin/bash
# A plugin of one's own: what `plugin new` writes and says, what it refuses with nothing left behind,
# and what `plugin build` and `plugin test` have CMake do, of which there is only an imitation here.
# That the projects build and pass is tried by tests/out_of_tree/new.sh.
source "$(dirname "$0")/common.sh"

plugin() { "$pressroom" plugin "$@"; }
# says NAME COMMAND...: exit code 0, and the approved text.
says() {
  local name=$1
  shift
  observe "$@"
  expect_code 0 "$name"
  expect_approved "$name" < out
  count=$((count + 1))
}
mkdir here
cd here

says plugin_help plugin --help
for kind in method dataset metric; do
  name=my_$kind
  says "plugin_new_$kind" plugin new "$kind" "$name"
  # What it says is there is there, and nothing else.
  sed -n 's/^  \([^ ]*\)  .*/\1/p' out | sort > said
  (cd "$name" && find . -type f -printf '%P\n' | sort) | diff said - || fail "$name: other files than it says"
  ! grep -rniE 'plugin_?name' "$name" || fail "$name: something of the template is left"
  grep -q "^PRESSROOM_${kind^^}(.*, \"$name\", \"0.1.0\")\$" "$name/$name.cpp" || fail "$name has another name"
  grep -q "^pressroom_add_$kind($name $name.cpp)\$" "$name/CMakeLists.txt" || fail "$name is built as another"
  cmp "$source/.clang-format" "$name/.clang-format" || fail "$name has a format of its own"
  sh -n "$name/ci.sh" || fail "$name: ci.sh is no script"
  [ -x "$name/ci.sh" ] && [ ! -x "$name/README.md" ] || fail "$name: other rights: $(ls -l "$name")"
  # It can be moved into Pressroom's tree, where a folder's sources are the plugin's.
  [ "$(echo "$name"/*.cpp)" = "$name/$name.cpp" ] || fail "$name has more sources: $(ls "$name")"
done

# A method written in Python: its module is a file of the project, byte for byte.
press=$build/tests/pressroom_make_scripted_press
"$press" keydiff keydiff.pt
says plugin_new_python plugin new method my_python --python keydiff.pt
sed -n 's/^  \([^ ]*\)  .*/\1/p' out | sort > said
(cd my_python && find . -type f -printf '%P\n' | sort) | diff said - || fail "my_python: other files than it says"
! grep -rniE 'plugin_?name' my_python || fail "my_python: something of the template is left"
cmp keydiff.pt my_python/my_python.pt || fail "my_python has another module"
grep -q "^pressroom_add_python_press(my_python FILE my_python.pt VERSION 0.1.0\$" my_python/CMakeLists.txt ||
  fail "my_python is built as another"

# Where it goes: an empty folder, the one it is called in, a place with a name that a shell minds.
mkdir empty
(cd empty && plugin new metric my_metric --dir . > ../out) || fail "not into the folder it is called in"
diff -r my_metric empty || fail "another project in a folder that was there"
says plugin_new_elsewhere plugin new metric my_metric --dir "it's here/"
diff -r my_metric "it's here" || fail "another project elsewhere"
(umask 077 && plugin new metric my_metric --dir mine > out) || fail "not with another umask"
[ "$(stat -c %a mine mine/ci.sh mine/README.md | xargs)" = "700 700 600" ] ||
  fail "rights that the umask forbids: $(ls -la mine)"
# A name is new within its kind.
says plugin_new_of_another_kind plugin new metric h2o

touch file
echo "import torch" > script.pt
echo "version https://git-lfs.github.com/spec/v1" > pointer.pt
mkdir locked
chmod 555 locked
rm out err
ls -AR > before
refuses plugin_no_command plugin buld
refuses plugin_new_incomplete plugin new method
refuses plugin_new_kind plugin new metod my_other
refuses plugin_new_name plugin new method My-Other
refuses plugin_new_name_of_nothing plugin new method 9
refuses plugin_new_name_long plugin new method "$(printf 'a%.0s' {1..65})"
refuses plugin_new_name_of_cpp plugin new method for
refuses plugin_new_built_in plugin new method h2o
refuses plugin_new_not_empty plugin new method my_method
refuses plugin_new_on_a_file plugin new method my_other --dir file
refuses plugin_new_in_nothing plugin new method my_other --dir nowhere/my_other
refuses plugin_new_below_a_file plugin new method my_other --dir file/my_other
refuses plugin_new_python_metric plugin new metric my_other --python keydiff.pt
refuses plugin_new_python_script plugin new method my_other --python script.pt
refuses plugin_new_python_pointer plugin new method my_other --python pointer.pt
refuses plugin_new_python_missing plugin new method my_other --python missing.pt
if [ "$(id -u)" != 0 ]; then
  refuses plugin_new_unwritable plugin new method my_other --dir locked/my_other
elif chmod 755 "$work" && setpriv --reuid 65533 --regid 65533 --clear-groups test -x "$pressroom"; then
  refuses plugin_new_unwritable setpriv --reuid 65533 --regid 65533 --clear-groups \
    "$pressroom" plugin new method my_other --dir locked/my_other
else
  echo "NOT TESTED: a folder that may not be written to, as this is root alone"
fi
rm out err
ls -AR > after
diff before <(grep -vx after after) || fail "something is left of what was refused"

# What CMake is told.
mkdir imitations nothing
imitate() {
  local name=$1
  shift
  printf '%s\n' '#!/bin/sh' "printf '<%s>' $name \"\$@\" >> '$PWD/told'; echo >> '$PWD/told'" "$@" > "imitations/$name"
  chmod +x "imitations/$name"
}
imitate cmake 'mkdir -p "it'\''s here/build"; touch "it'\''s here/build/pressroom_metric_my_metric.so"; echo "cmake speaks"'
imitate ctest 'echo "ctest speaks"; exit $(cat failing)'
imitate ninja
prefix=$(dirname "$(dirname "$(readlink -f "$pressroom")")")
echo 0 > failing
observe env -u CMAKE_GENERATOR PATH="$PWD/imitations:$PATH" "$pressroom" plugin build "it's here"
expect_code 0 "plugin build"
[ "$(cat out)" = "it's here/build/pressroom_metric_my_metric.so" ] || fail "plugin build prints $(cat out)"
[ "$(grep -c 'cmake speaks' err)" = 2 ] || fail "plugin build does not show what CMake says: $(cat err)"
cat > expected << END
<ninja><--version>
<cmake><-S><it's here><-B><it's here/build><-U><Pressroom_DIR><-DCMAKE_BUILD_TYPE=Release><-DCMAKE_PREFIX_PATH:PATH=$prefix><-G><Ninja>
<cmake><--build><it's here/build><--parallel><N>
END
diff expected <(sed 's/<[0-9]*>$/<N>/' told) || fail "CMake is told something else"

# A build folder stays with its generator, and a test that fails is no wrong request.
touch "it's here/build/CMakeCache.txt"
echo 8 > failing
rm told
observe env PATH="$PWD/imitations:$PATH" "$pressroom" plugin test "it's here"
expect_code 1 "plugin test, failing"
[ "$(cat out)" = "ctest speaks" ] || fail "plugin test prints $(cat out)"
[ "$(tail -n 1 told)" = "<ctest><--test-dir><it's here/build><--output-on-failure><--no-tests=error>" ] ||
  fail "ctest is told something else: $(cat told)"
! grep -q -e ninja -e '<-G>' told || fail "another generator: $(cat told)"
echo 0 > failing
observe env PATH="$PWD/imitations:$PATH" "$pressroom" plugin test "it's here"
expect_code 0 "plugin test"

imitate cmake 'exit 3'
refuses plugin_not_configured env PATH="$PWD/imitations:$PATH" "$pressroom" plugin build "it's here"
imitate cmake '[ "$1" != --build ]'
refuses plugin_not_built env PATH="$PWD/imitations:$PATH" "$pressroom" plugin test "it's here"
refuses plugin_build_nothing plugin build nothing
refuses plugin_build_without_cmake env PATH="$PWD/nothing" "$pressroom" plugin build my_method
passed 27
