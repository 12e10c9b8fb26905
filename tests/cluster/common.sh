# What the tests of schedulers share. Sourced with BUILD_DIR and SOURCE_DIR as arguments; what
# tests/cli/common.sh gives is there then, too.
source "$(dirname "${BASH_SOURCE[0]}")/../cli/common.sh"

# not_tested WHY: the end of a test whose scheduler is not installed.
not_tested() {
  echo "NOT TESTED: $*"
  exit 77
}

# A campaign of 201 cells: begun in the folder `shared`, and on its way in the folder `alone`, in
# one process that nobody disturbs. Two thirds of the cells take a second, nearly all of it asleep.
plan_campaign() {
  campaign campaign.yaml "methods: [{name: slow, pause_us: 1500}]" "sparsity: [0.5, 0.75]" \
    "seeds: [$(seq -s, 1 67)]"
  "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out alone --in-process > alone.log 2>&1 &
  alone=$!
  trap end_alone EXIT
  observe "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out shared --time 1
  expect_code 3 "the run that plans"
  all=$(grep -c '^   "file":' shared/plan.json)
}
# The last of what a test leaves behind, and the folder with it.
end_alone() {
  kill -KILL "$alone" 2> /dev/null || true
  wait "$alone" 2> /dev/null || true
  rm -rf "$work"
}

done_cells() { cells shared | wc -l; }

# waits_for SECONDS WHAT COMMAND...: until the command succeeds.
waits_for() {
  local seconds=$1 what=$2 begun=$SECONDS
  shift 2
  until "$@"; do
    [ $((SECONDS - begun)) -lt "$seconds" ] || fail "after $seconds s there is not: $what"
    sleep 0.3
  done
}
has_cells() { [ "$(done_cells)" -ge "$1" ]; }

# expect_begun_again LOG: a task that was begun twice, and went on in the log that it had.
expect_begun_again() {
  [ "$(grep -o "\[1/$all\]" "$1" | wc -l)" = 2 ] || fail "$1 is not of a task that was begun twice"
}

# Everything is there, as in the undisturbed run but for times, and hardly a cell was run twice.
expect_same_as_alone() {
  local cell name ran
  wait "$alone" || fail "the undisturbed run: $(tail alone.log)"
  [ "$(cells alone | wc -l)" = "$all" ] || fail "the undisturbed run has not all cells"
  strip() { sed -E '/"(seconds|tokens_per_second|peak_memory_mb|sha256)"/d' "$1"; }
  while read -r cell; do
    name=$(basename "$cell")
    [ -e "shared/$name" ] || fail "$name is missing"
    cmp -s <(strip "$cell") <(strip "shared/$name") || fail "$name differs"
  done < <(cells alone)
  [ "$(done_cells)" = "$all" ] || fail "$(done_cells) cells instead of $all"
  without_times alone alone.timeless
  without_times shared shared.timeless
  cmp alone.timeless/results.csv shared.timeless/results.csv || fail "results.csv differs"
  expect_no_partial shared
  ran=$(grep -c '"event":"cell"' shared/events.jsonl)
  [ $((ran - all)) -le $((all / 100)) ] || fail "$ran cells were finished, of $all"
  echo "$(basename "$0" .sh): all $all cells are there and equal to those of one process," \
    "$((ran - all)) were finished twice"
}
