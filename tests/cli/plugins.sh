#!/bin/bash
# Plugins on their way into a campaign: listed without being run, whatever lies beside them; recorded
# with version, path and hash; and a cell whose plugin changed is run again and says so.
source "$(dirname "$0")/common.sh"

# A FIFO would be waited for, and the code of this plugin ends the process that it gets into.
mkdir folder
mkfifo folder/fifo.so
ln -s /dev/zero folder/device.so
cp "$build/tests/zoo/ends_the_process.so" "$plugins/slow.so" folder
head -c 3000 "$plugins/slow.so" > folder/cut.so
for table in "" --markdown; do
  code=0
  timeout 20 "$pressroom" list methods $table --plugin-dir folder > out 2> err || code=$?
  expect_code 0 "list methods $table"
  for name in h2o ends_the_process slow; do
    grep -qw "$name" out || fail "list methods $table has no $name: $(cat out err)"
  done
  [ "$(grep -c 'a plugin was left out' err)" = 3 ] || fail "not everything is named: $(cat err)"
  for file in fifo device cut; do
    grep -q "folder/$file.so" err || fail "$file.so is passed over without a word: $(cat err)"
  done
done
grep -qw "h2o .*heavy hitters" <("$pressroom" list methods --plugin-dir folder 2> err) ||
  fail "h2o has no summary"

chmod o+w folder
"$pressroom" list models --plugin-dir folder > out 2> err
grep -q "folder: anyone may put code into the plugin folder" err || fail "said nothing: $(cat err)"
chmod o-w folder
rm folder/fifo.so folder/device.so folder/cut.so

campaign campaign.yaml "methods: [streaming_llm, {name: slow, pause_us: 1}]" "sparsity: [0.5, 0.75]"
run=("$pressroom" run campaign.yaml --plugin-dir folder --out results)
outlook() {
  observe "${run[@]}" --dry-run
  expect_code 0 "the dry run"
  grep '^results: ' out
}
observe "${run[@]}"
expect_code 0 "the first run"
! grep -q "run again" err || fail "nothing was there that could be run again: $(cat err)"

[ "$(outlook)" = "results: 5 done, 0 failed before, 0 changed, 0 to run" ] ||
  fail "after the run: $(outlook)"
before=$(sha256sum < folder/slow.so | cut -d' ' -f1)
grep -A 8 '"slow": {' results/provenance.json > record
for part in "\"sha256\": \"$before\"" '"version": "1.0.0"' "\"path\": \".*folder/slow.so\""; do
  grep -q "$part" record || fail "provenance.json does not say $part: $(cat record)"
done

# Another build of one plugin, one cell that is gone, and one that failed.
printf '\0' >> folder/slow.so
after=$(sha256sum < folder/slow.so | cut -d' ' -f1)
rm results/streaming_llm_s0.5_ctx64_seed1.json
why="method slow changed: ${before:0:8} -> ${after:0:8}"
[ "$(outlook)" = "results: 2 done, 0 failed before, 2 changed, 1 to run" ] ||
  fail "after the change: $(outlook)"
"${run[@]}" --dry-run > out 2> err
[ "$(grep -c "slow_s.* to run again, as $why" out)" = 2 ] || fail "the plan does not say why: $(cat out)"
observe "${run[@]}"
expect_code 0 "the second run"
grep -q "slow: 2 cells are run again, as $why" err || fail "it does not say why: $(cat err)"
[ "$(grep -c "slow_s.*: run again, as $why" err)" = 2 ] || fail "nor does the progress: $(cat err)"
[ "$(grep -c "\"again\":\"$why\"" results/events.jsonl)" = 2 ] || fail "nor do the events"
[ "$(grep -c 'already there' err)" = 2 ] || fail "other cells were run again: $(cat err)"

for file in results/*_seed1.json; do
  "$build/tests/pressroom_validate_json" "$source/docs/schemas/cell.schema.json" "$file" > out ||
    fail "$file is not what its schema says: $(cat out)"
done
"$build/tests/pressroom_validate_json" "$source/docs/schemas/provenance.schema.json" \
  results/provenance.json > out || fail "provenance.json: $(cat out)"
echo "plugins: passed"
