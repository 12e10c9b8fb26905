#!/bin/bash
# Bundles and repositories that are wrong, each in one way, a plugin that misbehaves while it is
# installed, and installing while other things go wrong: one clear error each, nothing changed, and
# none of the plugin's code run before it may be.
#
#   sharing_errors.sh BUILD_DIR SOURCE_DIR
. "$(dirname "$0")/common.sh"
unset XDG_DATA_HOME CANARY CANARY_DOES
odd=$build/tests/pressroom_odd_bundles
export HOME=$work/home PRESSROOM_HOME=$work/ben TMPDIR=$work/tmp
mkdir "$HOME" "$TMPDIR" odd lab
canary=$work/canary  # told what of the plugin runs

# Without what a compiler, a version, a clock or a processor has a say in.
eval "other_$(declare -f normalised)"
normalised() {
  other_normalised | sed -E -e 's|RW[A-Za-z0-9+/]{54}|KEY|g' -e 's/key [0-9A-F]{16}/key ID/g' \
    -e 's/[0-9.]+-[0-9.]+-[0-9]+-cxx11-[^ "/]*-(x86_64|aarch64)/VARIANT/g' \
    -e 's/20[0-9]{2}-[0-9-]+T[0-9:]+Z/TIME/g' -e '/^info: /d' \
    -e 's/^(  got: +)[0-9]+ bytes that/\1N bytes that/' -e 's/[0-9]+\.[0-9]{6}/N/g' \
    -e 's/^(  expected: +)[0-9]{5} bytes$/\1N bytes/' -e 's/^(  got: +)20[0-9]{5}$/\1N/'
}
step() { "$@" > out 2> err < /dev/null || fail "$*: $(cat out err)"; }
said() { grep -q -- "$1" out || fail "it does not say \"$1\": $(cat out err)"; }
install() { step "$pressroom" plugin install "$@"; }
ours=("$pressroom" plugin install --key ann.key.pub)

# --- What must stay as it is.
files_in() {
  find "$@" -printf '%p %y %m %s %l %T@\n' | sort
}
# All but what this script writes itself; of the folder for temporary files, what is left in it.
outside() {
  files_in "$work" -mindepth 1 ! -path "$PRESSROOM_HOME*" ! -path "$TMPDIR" ! -path "$canary" \
    ! -path "$work/out" ! -path "$work/err" ! -path "$work/normalised"
}
profile() { files_in "$PRESSROOM_HOME"/profiles; cat "$PRESSROOM_HOME"/profiles/*/*/profile.json; }
listed() { "$pressroom" plugin list; }
expect_same() { [ "$2" = "$3" ] || fail "$1: $(diff <(echo "$2") <(echo "$3"))"; }
expect_silent() {
  [ ! -e "$canary" ] || fail "$1: code of the plugin ran: $(cat "$canary")"
}

# refused NAME COMMAND...: before a byte of it is written anywhere.
refused() {
  local name=$1 home around
  home=$(files_in "$PRESSROOM_HOME")
  around=$(outside)
  refuses "$@"
  expect_same "$name, in the plugin home" "$home" "$(files_in "$PRESSROOM_HOME")"
  expect_same "$name, outside the plugin home" "$around" "$(outside)"
  expect_silent "$name"
}

# refused_late NAME COMMAND...: after it was unpacked, or an index was read. What the plugin home
# keeps beside the profile may be more then; what is used is not.
refused_late() {
  local name=$1 profile around incoming more
  profile=$(profile)
  incoming=$(ls -A "$PRESSROOM_HOME/incoming")
  around=$(outside)
  refuses "$@"
  expect_same "$name, in the profile" "$profile" "$(profile)"
  expect_same "$name, outside the plugin home" "$around" "$(outside)"
  more=$(comm -13 <(echo "$incoming") <(ls -A "$PRESSROOM_HOME/incoming"))
  [ -z "$more" ] || fail "$name: it leaves $more"
}
refused_silently() {
  refused_late "$@"
  expect_silent "$1"
}

# --- A plugin that tells when its code runs, and misbehaves when it is told to.
mkdir plugin
cat > plugin/canary.cpp << 'END_OF_SOURCE'
#include <ATen/ATen.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include "pressroom/plugin.h"

namespace {

void sing(const char* what) {
  const char* const file = std::getenv("CANARY");
  if (file != nullptr) std::ofstream(file, std::ios::app) << what << " " << ::getpid() << "\n";
}

const bool is_loaded = (sing("loaded"), true);

}  // namespace

namespace pressroom {

struct CanaryPress final : Scorer<CanaryPress> {
  CanaryPress() { sing("made"); }

  static Declaration<CanaryPress> declare() {
    return Declaration<CanaryPress>("keeps the entries with the largest values").paper("");
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    const char* const does = std::getenv("CANARY_DOES");
    const std::string what = does == nullptr ? "" : does;
    if (what == "crash") std::raise(SIGSEGV);
    if (what == "exit") std::_Exit(0);
    if (what == "hang") sing("hangs");
    while (what == "hang") ::pause();
    const at::Tensor norm = at::norm(head.VALUES(), 2, -1);
    return what == "differ" ? -norm : norm;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CanaryPress, "canary", "0.1.0")
END_OF_SOURCE
cat > plugin/CMakeLists.txt << 'END_OF_PROJECT'
cmake_minimum_required(VERSION 3.20)
project(canary LANGUAGES CXX)
find_package(Pressroom REQUIRED)
pressroom_add_method(canary canary.cpp)
END_OF_PROJECT
echo "licence: Apache-2.0
authors: [Ann Author]" > plugin/bundle.yaml
echo "# A canary" > plugin/README.md
echo "Apache License 2.0" > plugin/LICENSE
# make NAME VERSION VALUES: the same of another name and version, that scores by something else.
make() {
  cp -r plugin "$1-$2"
  sed -i -e "s/canary/$1/" "$1-$2/CMakeLists.txt"
  sed -i -e "s/\"canary\", \"0.1.0\"/\"$1\", \"$2\"/" -e "s/VALUES/$3/" "$1-$2/canary.cpp"
  step "$pressroom" plugin pack "$1-$2"
  step "$pressroom" plugin sign "$1-$2.press.tar.zst" --key ann.key
}
for name in ann bob eve; do step "$odd" key "$name.key"; done
ann=$(tail -n 1 ann.key.pub)
make canary 0.1.0 values
make canary 0.2.0 keys
make h2o 9.0.0 values
good=canary-0.1.0.press.tar.zst
step "$odd" bundles "$good" ann.key odd

# --- What is there, and stays.
export CANARY=$canary
step "$pressroom" plugin publish "$work/lab" "$good" --key ann.key
step "$pressroom" repo add lab "$work/lab" --key "$ann"
expect_silent "before anything is installed"
install canary
grep -q loaded "$canary" && grep -q made "$canary" ||
  fail "the canary does not sing: $(cat "$canary")"
rm "$canary"
list=$(listed)
echo "$list" | grep -q "canary 0.1.0 (method), from repository lab" || fail "it lists $list"

# --- Bundles that are wrong.
for name in tampered_manifest tampered_signature tampered_comment tampered_readme tampered_golden \
  tampered_source tampered_variant cut \
  leads_out leads_out_at_once absolute symbolic_link hard_link device block_device pipe \
  runs_as_owner twice case_only file_and_folder no_place not_in_manifest file_missing \
  a_million_files ten_gb ten_gb_in_10_kb manifest_of_1_gb manifest_of_2_mb \
  manifest_of_100000_levels manifest_of_a_later_format manifest_is_no_json \
  other_sdk_range wrong_folder without_source \
  unsigned signed_by_a_stranger signed_in_anothers_name signature_is_none; do
  refused "bundle_$name" "${ours[@]}" "odd/$name.press.tar.zst"
done
# Whoever takes what nobody vouches for does not take what was changed.
for name in tampered_manifest tampered_signature tampered_source signed_in_anothers_name; do
  observe "${ours[@]}" "odd/$name.press.tar.zst" --allow-unsigned
  expect_code 2 "$name, unsigned allowed"
  expect_silent "$name, unsigned allowed"
done
others=0
for file in odd/tampered_source[0-9]*; do
  observe "${ours[@]}" "$file"
  expect_code 2 "$file"
  grep -q 'src/.*: a file is not the one that the manifest lists' err || fail "$file: $(cat err)"
  expect_silent "$file"
  others=$((others + 1))
done
[ "$others" -ge 3 ] || fail "only $others further sources were tampered with"
refused bundle_nobodys_key "$pressroom" plugin install "$good"
refused bundle_wrong_key "$pressroom" plugin install "$good" --key bob.key.pub
[ ! -e /tmp/escaped ] || fail "/tmp/escaped is there"
[ -z "$(find "$work" -name escaped)" ] || fail "it wrote $(find "$work" -name escaped)"
expect_same "plugin list" "$list" "$(listed)"

# --- Source that is not, or does not become, the plugin.
# names_log NAME WORDS: the message names a file, and that says why.
names_log() {
  local named
  named=$(sed -nE 's/^  do: +read what it said in ([^,]*).*/\1/p' err)
  [ -f "$named" ] || fail "$1: it names no log: $(cat err)"
  grep -q -- "$2" "$named" || fail "$1: \"$2\" is not in the log: $(cat "$named")"
}
refused_silently bundle_does_not_build "${ours[@]}" odd/does_not_build.press.tar.zst
names_log does_not_build "this source is broken"
refused_silently bundle_does_not_configure "${ours[@]}" odd/does_not_configure.press.tar.zst
names_log does_not_configure WhatNobodyHas
refused_silently bundle_makes_nothing "${ours[@]}" odd/makes_nothing.press.tar.zst
# Its build succeeds, and at its end asks it what it declares: code of it runs then.
refused_late bundle_makes_another_version "${ours[@]}" odd/makes_another_version.press.tar.zst
rm -f "$canary"
refused_silently bundle_without_cmake env PATH="$work/odd" \
  "${ours[@]}" odd/other_torch.press.tar.zst
expect_same "plugin list" "$list" "$(listed)"
for name in other_processor other_sdk other_torch; do
  PRESSROOM_HOME=$work/$name step "${ours[@]}" "odd/$name.press.tar.zst"
  said "built here from the bundle's source"
  said "golden answers: passed"
  [ -z "$(ls -A "$TMPDIR")" ] || fail "$name: it leaves $(ls -A "$TMPDIR")"
done
rm -f "$canary"

# --- Answers that are not those of its author, and none.
for name in by_1e-3 kept of_another_model without_answers; do
  refused_late "bundle_golden_$name" "${ours[@]}" "odd/golden_$name.press.tar.zst"
done
rm -f "$canary"
for does in differ crash exit; do
  refused_late "plugin_$does" env CANARY_DOES=$does \
    "${ours[@]}" odd/good_again.press.tar.zst
done
refused_late plugin_hang env CANARY_DOES=hang \
  "${ours[@]}" odd/good_again.press.tar.zst --golden-seconds 3
expect_same "plugin list" "$list" "$(listed)"

# Who is told to end while the plugin hangs ends, and so does the plugin.
singer() { sed -n 's/^hangs //p' "$canary" 2> none | tail -n 1; }
for signal in INT TERM KILL; do
  rm -f "$canary"
  before=$(profile)
  CANARY_DOES=hang "${ours[@]}" odd/good_again.press.tar.zst > out 2> err &
  installing=$!
  for _ in $(seq 600); do [ -z "$(singer)" ] || break; sleep 0.05; done
  [ -n "$(singer)" ] || fail "SIG$signal: the plugin does not hang: $(cat out err)"
  kill -$signal "$installing"
  code=0
  wait "$installing" 2> none || code=$?
  [ "$code" != 0 ] || fail "SIG$signal: it says that all is well: $(cat out err)"
  for _ in $(seq 600); do kill -0 "$(singer)" 2> none || break; sleep 0.05; done
  ! kill -0 "$(singer)" 2> none || fail "SIG$signal: the plugin runs on"
  expect_same "SIG$signal, in the profile" "$before" "$(profile)"
  # Only what cannot be caught leaves something, for who comes next to take away.
  [ "$signal" = KILL ] || [ -z "$(ls -A "$PRESSROOM_HOME/incoming")" ] ||
    fail "SIG$signal: it leaves $(ls -A "$PRESSROOM_HOME/incoming")"
done
rm -f "$canary"

# --- Repositories that are wrong.
bundle=lab/bundles/$good
cp "$bundle" kept
printf 'X' | dd of="$bundle" bs=1 seek=100 conv=notrunc 2> none
refused_silently repository_other_hash "$pressroom" plugin install canary --from lab
head -c 1000 kept > "$bundle"
refused_silently repository_other_size "$pressroom" plugin install canary --from lab
rm "$bundle"
refused_silently repository_bundle_missing "$pressroom" plugin install canary --from lab
cp kept "$bundle"

cp lab/index.json older
step "$pressroom" plugin publish "$work/lab" canary-0.2.0.press.tar.zst --key ann.key
step "$pressroom" plugin search canary
said "canary 0.2.0"
cp lab/index.json newer
cp older lab/index.json
refused_silently repository_older "$pressroom" plugin install canary
sed 's/"serial": 1/"serial": 3/' older > lab/index.json
refused_silently repository_not_signed "$pressroom" plugin install canary
cp newer lab/index.json

mkdir late old strange
step "$pressroom" plugin publish "$work/late" "$good" --key ann.key
step "$pressroom" repo add late "$work/late" --key "$ann"
step "$odd" expired late ann.key
refused_silently repository_expired "$pressroom" plugin install canary --from late
step "$pressroom" plugin install canary@0.1 --from lab  # others are none of its business
said "is installed already"

cp canary-0.2.0.press.tar.zst bobs.press.tar.zst
step "$pressroom" plugin sign bobs.press.tar.zst --key bob.key
step "$odd" expired_key old ann.key bob.key bobs.press.tar.zst
step "$pressroom" repo add old "$work/old" --key "$ann"
refused_silently repository_key_not_pinned "$pressroom" plugin install canary --from old
step "$pressroom" repo add old "$work/old" --key bob.key.pub
refused_silently repository_key_expired "$pressroom" plugin install canary --from old
step "$pressroom" plugin publish "$work/old" --key ann.key --revoke "$(tail -n 1 bob.key.pub)"
refused_silently repository_key_revoked "$pressroom" plugin install canary --from old

step "$pressroom" plugin publish "$work/strange" --key eve.key
step "$pressroom" repo add strange "$work/strange" --key "$ann"
refused_silently repository_wrong_key "$pressroom" plugin install canary --from strange
expect_same "plugin list" "$list" "$(listed)"
for name in late old strange; do step "$pressroom" repo remove "$name"; done

# --- A disk that is full at any place.
if [ "$(id -u)" = 0 ]; then apart=(unshare -m); else apart=(unshare -Urm); fi
if "${apart[@]}" mount -t tmpfs -o size=2m none /mnt 2> why; then
  mkdir small
  cat > full.sh << 'END_OF_SCRIPT'
set -e
wrong() { echo "$@"; exit 1; }
pressroom=$1
install=("$pressroom" plugin install --key ann.key.pub --no-golden)
mount -t tmpfs -o size=2m none small
export PRESSROOM_HOME=$PWD/small/home
"${install[@]}" canary-0.1.0.press.tar.zst > out 2>&1 || wrong "$(cat out)"
profile() {
  find small/home/profiles -printf '%p %y %l %T@\n' | sort
  cat small/home/profiles/*/*/profile.json
}
before=$(profile)
refused=0
for kb in 4 16 40 72 100 116 128 140 156 200; do
  head -c $((($(stat -f -c '%a * %S / 1024' small) - kb) * 1024)) /dev/zero > small/filler
  code=0
  "${install[@]}" canary-0.2.0.press.tar.zst > out 2> err || code=$?
  rm small/filler
  if [ "$code" = 0 ]; then break; fi
  [ "$code" = 2 ] || wrong "$kb kB: exit code $code: $(cat out err)"
  [ "$(grep -c '^error' err)" = 1 ] || wrong "$kb kB: $(cat err)"
  grep -q 'No space left on device' err || wrong "$kb kB: $(cat err)"
  grep -q '^  do: ' err || wrong "$kb kB: $(cat err)"
  [ "$(profile)" = "$before" ] || wrong "$kb kB: $(profile)"
  [ -z "$(ls -A small/home/incoming)" ] || wrong "$kb kB: it leaves $(ls -A small/home/incoming)"
  refused=$((refused + 1))
  cp err first_refusal.$refused
done
[ "$refused" -ge 3 ] || wrong "only $refused installations had too little room"
[ "$code" = 0 ] || wrong "with 200 kB left: $(cat err)"
"$pressroom" plugin list | grep -q "canary 0.2.0" || wrong "with room: $("$pressroom" plugin list)"
"$pressroom" plugin verify > out 2>&1 || wrong "$(cat out)"
END_OF_SCRIPT
  observe "${apart[@]}" bash full.sh "$pressroom"
  expect_code 0 "a disk that is full"
  expect_silent "a disk that is full"
  sed -E 's/(incoming\/[0-9a-f]{64})[.0-9a-f]+/\1.ID/' first_refusal.1 | expect_approved disk_full
  count=$((count + 1))
else
  echo "NOT TESTED: a full disk, as none can be mounted: $(cat why)"
fi

# --- Several at once: each is there afterwards.
for round in 1 2 3; do
  runs=()
  for bundle in canary-0.1.0 canary-0.2.0 h2o-9.0.0; do
    PRESSROOM_HOME=$work/both$round "$pressroom" plugin install "$bundle.press.tar.zst" \
      --key ann.key.pub --no-golden > "$bundle.said" 2>&1 &
    runs+=($!)
  done
  for run in "${runs[@]}"; do wait "$run" || fail "several at once: $(cat ./*.said)"; done
  PRESSROOM_HOME=$work/both$round step "$pressroom" plugin list
  for plugin in "canary 0.1.0" "canary 0.2.0" "h2o 9.0.0"; do said "$plugin"; done
  PRESSROOM_HOME=$work/both$round step "$pressroom" plugin verify
done

# --- A newer version beside an older one, and back.
rm -f "$canary"
step "${ours[@]}" odd/good_again.press.tar.zst  # another bundle of this version: in its place
[ "$(listed | grep -c canary)" = 1 ] || fail "one version, listed as $(listed)"
install canary@0.1
said "from repository lab"
step "$pressroom" plugin update
said "0.2.0 is installed, from repository lab"
step "$pressroom" plugin update
said "canary 0.2.0: the newest"
step "$pressroom" plugin list
said "canary 0.1.0"
said "canary 0.2.0"
cat > campaign.yaml << END_OF_CAMPAIGN
name: versions
model: starter
protocol: {context: 64, documents: 2}
datasets: {reader: text, path: $prose}
methods:
  - canary
  - {name: canary, version: 0.1, as: older}
  - {name: canary, version: 0.2.0, as: newer}
sparsity: [0.5]
seeds: [1]
metrics: [perplexity]
END_OF_CAMPAIGN
step "$pressroom" run campaign.yaml --out versions
# value RESULTS METHOD: what the table has for it.
value() {
  python3 - "$1/results.csv" "$2" << 'END_OF_PYTHON'
import csv, sys
rows = [row for row in csv.DictReader(open(sys.argv[1])) if sys.argv[2] in row.values()]
print(*[row["perplexity"] for row in rows])
END_OF_PYTHON
}
[ -n "$(value versions older)" ] ||
  fail "no value of the older version: $(cat versions/results.csv)"
[ "$(value versions canary)" = "$(value versions newer)" ] ||
  fail "its name does not mean the newest"
[ "$(value versions older)" != "$(value versions newer)" ] || fail "two versions, one result"

step "$pressroom" plugin rollback
said "back to generation"
[ "$(listed | grep -c canary)" = 1 ] || fail "rolled back, and listed as $(listed)"
listed | grep -q "canary 0.1.0" || fail "rolled back, and listed as $(listed)"
step "$pressroom" plugin update canary
step "$pressroom" plugin remove canary@0.2.0
[ "$(listed | grep -c canary)" = 1 ] || fail "0.2.0 removed, and listed as $(listed)"
listed | grep -q "canary 0.1.0" || fail "0.2.0 removed, and listed as $(listed)"
refuses removed_version "$pressroom" run campaign.yaml --out again
refuses remove_twice "$pressroom" plugin remove canary@0.2.0

# --- A name that came with Pressroom: it stays what it was, and the bundle's is there by version.
"$pressroom" show h2o > before
step "${ours[@]}" h2o-9.0.0.press.tar.zst
"$pressroom" show h2o | diff before - || fail "a bundle has taken the place of h2o"
step "$pressroom" show h2o@9
said "9.0.0"
said "keeps the entries with the largest values"
sed -i -e 's/^name:.*/name: names/' -e '/^  - /d' \
  -e 's/^methods:.*/methods: [h2o, {name: h2o, version: 9, as: nine}]/' campaign.yaml
step "$pressroom" run campaign.yaml --out names
[ -n "$(value names h2o)" ] || fail "no value of h2o: $(cat names/results.csv)"
[ "$(value names h2o)" != "$(value names nine)" ] || fail "version 9 of h2o gives what h2o gives"
python3 - names/plugins.lock << 'END_OF_PYTHON' || fail "the lock has $(cat names/plugins.lock)"
import json, sys
lock = [p for p in json.load(open(sys.argv[1]))["plugins"] if p["name"] == "h2o"]
versions = sorted(p["version"] for p in lock)
assert len(versions) == 2 and versions[1] == "9.0.0" and versions[0] != "9.0.0", versions
END_OF_PYTHON
step "$pressroom" plugin remove h2o
refuses removed_name "$pressroom" show h2o@9

passed 60
