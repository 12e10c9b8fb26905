#!/bin/bash
# `plugin_dirs` of a config: plugins are found beside it by every command that takes the config, and
# by whoever works on the directory.
source "$(dirname "$0")/common.sh"

mkdir -p lab/plugins other
cp "$plugins/slow.so" lab/plugins
campaign lab/campaign.yaml "methods: [streaming_llm, {name: slow, pause_us: 1}]" "plugin_dirs: plugins"
refused() {
  observe "$pressroom" "$@"
  expect_code 2 "$*"
}

observe "$pressroom" check lab/campaign.yaml
expect_code 0 "check"
for how in --dry-run --in-process "--workers 2" ""; do
  rm -rf results
  # shellcheck disable=SC2086
  observe "$pressroom" run lab/campaign.yaml --out results $how
  expect_code 0 "run $how"
done
grep -qF "plugin_dirs: [$PWD/lab/plugins]" results/config.yaml ||
  fail "the directory's config has no absolute path: $(cat results/config.yaml)"
grep -A 9 '"slow": {' results/provenance.json | grep -qF "$PWD/lab/plugins/slow.so" ||
  fail "provenance.json has no file of the plugin: $(cat results/provenance.json)"

# From another folder, by the directory alone.
rm results/slow_*.json
cd other
observe "$pressroom" work ../results
expect_code 0 "work"
[ "$(cells ../results | wc -l)" = 3 ] || fail "work did not run the cell"
observe "$pressroom" reproduce ../results
expect_code 0 "reproduce"
grep -qF "info: plugins are looked for in $work/lab/plugins, as the campaign's config says" err ||
  fail "reproduce does not say whose code it runs: $(cat err)"
cd ..

# Flags start at the current folder, and go over the file.
sed -i 's/^plugin_dirs: .*/plugin_dirs: nowhere/' lab/campaign.yaml
observe "$pressroom" run lab/campaign.yaml --out again --set plugin_dirs='[lab/plugins]'
expect_code 0 "a flag"
# The folders given by --plugin-dir come first.
cp -r lab/plugins first
observe "$pressroom" run lab/campaign.yaml --out twice --set plugin_dirs=lab/plugins --plugin-dir first
expect_code 0 "--plugin-dir and plugin_dirs"
grep -A 9 '"slow": {' twice/provenance.json | grep -qF "$PWD/first/slow.so" ||
  fail "--plugin-dir does not come first: $(cat twice/provenance.json)"

# A folder that is not there is told at its place, beside the other mistakes.
refuses plugin_dirs_missing "$pressroom" check lab/campaign.yaml --methods h2o
refused check lab/campaign.yaml
grep -qF 'no method is called "slow"' err && grep -qF "a folder of plugins is not there" err ||
  fail "not both mistakes: $(cat err)"
# Of a directory, the lock says which file is missing; without one, its config which folder is.
mv lab/plugins lab/moved
refused work results
grep -qF 'method "slow" 1.0.0 is locked, and is not here' err || fail "work: $(cat err)"
rm results/plugins.lock
refused work results
grep -qF "results/config.yaml" err && grep -qF "a folder of plugins is not there" err ||
  fail "work without a lock: $(cat err)"
passed 1
