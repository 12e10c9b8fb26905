#!/bin/bash
# plugins.lock: what a run writes, what `run --locked`, `work` and `reproduce` make of it when the
# plugins are not the same any more.
source "$(dirname "$0")/common.sh"

mkdir folder
cp "$plugins/slow.so" folder
campaign campaign.yaml "methods: [streaming_llm, {name: slow, pause_us: 1}]" "sparsity: [0.5]"
locked=("$pressroom" run campaign.yaml --plugin-dir folder --out results --locked)

refuses locked_no_lock "${locked[@]}"
[ ! -e results ] || fail "a directory was left by a run that was refused"
observe "$pressroom" run campaign.yaml --plugin-dir folder --out results
expect_code 0 "the first run"
"$build/tests/pressroom_validate_json" "$source/docs/schemas/plugins_lock.schema.json" \
  results/plugins.lock > out || fail "plugins.lock: $(cat out)"
sha256=$(sha256sum < folder/slow.so | cut -d' ' -f1)
for part in '"name": "slow"' "\"file_sha256\": \"$sha256\"" '"origin": "folder"' \
  '"name": "dense"' '"origin": "built-in"' '"kind": "dataset"' '"name": "perplexity"'; do
  grep -q "$part" results/plugins.lock || fail "the lock has no $part: $(cat results/plugins.lock)"
done
grep -A 9 '"slow": {' results/provenance.json | grep -q '"origin": "folder"' ||
  fail "provenance.json does not say that slow is of a folder"

cp results/plugins.lock first.lock
observe "${locked[@]}"
expect_code 0 "the same plugins"
grep -q "already there" err || fail "cells were run again: $(cat err)"
cmp results/plugins.lock first.lock || fail "a run that is held to the lock wrote another"

# Somebody else has the config and the lock.
mkdir elsewhere
cp first.lock elsewhere/plugins.lock
observe "$pressroom" run campaign.yaml --plugin-dir folder --out elsewhere --locked --in-process
expect_code 0 "the lock alone"
cmp elsewhere/plugins.lock first.lock || fail "a run that is held to the lock wrote another"
# Without --out the directory is that of the campaign's name, which no plugin is asked for.
mkdir -p results/tiny
cp first.lock results/tiny/plugins.lock
observe "$pressroom" run campaign.yaml --plugin-dir folder --locked --dry-run
expect_code 0 "the directory of the name"
rm -r results/tiny

# What the lock does not name is not run.
mkdir more
cp first.lock more/plugins.lock
refuses locked_more "$pressroom" run campaign.yaml --plugin-dir folder --out more --locked \
  --set "methods=[h2o]"

# Other bits: nothing of them is loaded, and nothing is run.
"$pressroom" run campaign.yaml --plugin-dir folder --out joined > out 2> err
rm joined/slow_s*.json
printf '\0' >> folder/slow.so
refuses locked_differs "${locked[@]}"
refuses work_differs "$pressroom" work joined --plugin-dir folder
rm folder/slow.so
refuses locked_missing "${locked[@]}"
cp "$plugins/slow.so" folder
observe "$pressroom" work joined --plugin-dir folder
expect_code 0 "work with the plugin that was planned with"
rm joined/plugins.lock joined/slow_s*.json
observe "$pressroom" work joined --plugin-dir folder
expect_code 0 "work on a plan without a lock, as earlier versions wrote it"
observe "$pressroom" reproduce results --plugin-dir folder
expect_code 0 "reproduce"

sed -i 's/"kind": "metric"/"kind": "model"/' results/plugins.lock
refuses locked_damaged "${locked[@]}"
head -c 100 first.lock > results/plugins.lock
observe "${locked[@]}"
expect_code 2 "a lock that is cut"
mv first.lock lock
rm results/plugins.lock
mkfifo results/plugins.lock
observe timeout 20 "${locked[@]}"
expect_code 2 "a pipe in the lock's place"
rm results/plugins.lock
observe "$pressroom" run campaign.yaml --plugin-dir folder --out results
expect_code 0 "a run without --locked writes the lock again"
cmp results/plugins.lock lock || fail "another lock for the same plugins"
passed 6
