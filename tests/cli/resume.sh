#!/bin/bash
# A campaign that is killed at random moments and then finished leaves what an undisturbed one
# leaves, but for times. PRESSROOM_KILLS: how often it is killed (5). PRESSROOM_SEED: of the moments.
source "$(dirname "$0")/common.sh"

kills=${PRESSROOM_KILLS:-5}
seed=${PRESSROOM_SEED:-$$}
RANDOM=$seed
echo "seed of the moments: $seed"

campaign campaign.yaml "methods: [streaming_llm, h2o, random, {name: slow, pause_us: 100}]" \
  "sparsity: [0.5, 0.75]" "seeds: [1, 2, 3]" "metrics: [perplexity, cache, throughput, memory]"
run() { "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out "$1" > "$1.log" 2>&1; }

begin=$(date +%s%N)
run undisturbed || fail "the undisturbed run: $(cat undisturbed.log)"
milliseconds=$((($(date +%s%N) - begin) / 1000000))
all=$(cells undisturbed | wc -l)
[ "$all" = 27 ] || fail "$all cells instead of 27"

killed=0
in_the_middle=0
finished_early=0
while [ "$killed" -lt "$kills" ]; do
  "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out disturbed > disturbed.log 2>&1 &
  victim=$!
  sleep "$(printf '0.%03d' $((RANDOM % 1000)) | awk -v t="$milliseconds" '{ print $1 * t / 1000 }')"
  kill -9 "$victim" 2> kill.log || true
  code=0
  wait "$victim" 2> /dev/null || code=$?
  if [ "$code" = 137 ]; then
    killed=$((killed + 1))
    done_cells=0
    [ ! -d disturbed ] || done_cells=$(cells disturbed | wc -l)
    if [ "$done_cells" -gt 0 ] && [ "$done_cells" -lt "$all" ]; then
      in_the_middle=$((in_the_middle + 1))
    fi
  elif [ "$code" = 0 ]; then
    # Done before it could be killed: there is nothing left to disturb.
    finished_early=$((finished_early + 1))
    [ "$finished_early" -lt 50 ] || fail "the runs are too short to be killed"
    rm -rf disturbed
  else
    fail "exit code $code: $(cat disturbed.log)"
  fi
done
echo "killed $killed times, $in_the_middle times between the first cell and the last"

run disturbed || fail "the run that finishes: $(cat disturbed.log)"
expect_no_partial disturbed
without_times undisturbed expected
without_times disturbed found
diff -r expected found || fail "the results differ from those of an undisturbed run"
echo "resume: passed"
