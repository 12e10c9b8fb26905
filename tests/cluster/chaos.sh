#!/bin/bash
# Kills what works on one directory, and looks at what is left. Three runs of three workers share a
# campaign; every 0.3 s a process of theirs, worker or supervisor, is killed with SIGKILL, and a
# supervisor that is gone is started again. At the end the results are those of an undisturbed run,
# but for times, and hardly a cell was finished twice.
#
#   tests/cluster/chaos.sh BUILD_DIR SOURCE_DIR     PRESSROOM_KILLS=200 PRESSROOM_SEED=1
source "$(dirname "$0")/../cli/common.sh"

kills=${PRESSROOM_KILLS:-200}
RANDOM=${PRESSROOM_SEED:-$$}
echo "seed of the kills: ${PRESSROOM_SEED:-$$}"

seeds=$(seq -s, 1 "${PRESSROOM_CAMPAIGN_SEEDS:-60}")
campaign campaign.yaml "methods: [streaming_llm, h2o, {name: slow, pause_us: 1500}]" \
  "sparsity: [0.5, 0.75]" "seeds: [$seeds]"
run() { "$pressroom" run campaign.yaml --plugin-dir "$plugins" "$@"; }

run --out undisturbed --workers 2 > undisturbed.log 2>&1 || fail "undisturbed: $(tail undisturbed.log)"
all=$(cells undisturbed | wc -l)

supervisors=()
start() { # of index $1
  setsid "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out disturbed --retries 100 \
    > "disturbed.$1.log" 2>&1 &
  supervisors[$1]=$!
  disown $! # the shell need not tell of every kill
}
finished() { [ "$(cells disturbed 2> /dev/null | wc -l)" -ge "$all" ]; }

killed_workers=0
killed_supervisors=0
for i in 0 1 2; do start "$i"; done
while [ $((killed_workers + killed_supervisors)) -lt "$kills" ] && ! finished; do
  sleep 0.3
  i=$((RANDOM % 3))
  supervisor=${supervisors[$i]}
  worker=$(pgrep -P "$supervisor" | head -n 1 || true)
  if [ $((RANDOM % 2)) = 0 ] && [ -n "$worker" ]; then
    ! kill -9 "$worker" 2> /dev/null || killed_workers=$((killed_workers + 1))
  elif kill -9 "$supervisor" 2> /dev/null; then
    killed_supervisors=$((killed_supervisors + 1))
  fi
  for i in 0 1 2; do kill -0 "${supervisors[$i]}" 2> /dev/null || start "$i"; done
done
for i in 0 1 2; do
  pkill -9 -P "${supervisors[$i]}" 2> /dev/null || true
  kill -9 "${supervisors[$i]}" 2> /dev/null || true
done
had=$(cells disturbed | wc -l)
run --out disturbed > finish.log 2>&1 || fail "the run that finishes: $(tail finish.log)"

strip() { sed -E '/"(seconds|tokens_per_second|peak_memory_mb|sha256)"/d' "$1"; }
lost=0
while read -r cell; do
  name=$(basename "$cell")
  [ -e "disturbed/$name" ] || { lost=$((lost + 1)); continue; }
  cmp -s <(strip "$cell") <(strip "disturbed/$name") || fail "$name differs"
done < <(cells undisturbed)
[ "$lost" = 0 ] || fail "$lost cells are missing"
expect_no_partial disturbed
ran=$(grep -c '"event":"cell"' disturbed/events.jsonl)
twice=$((ran > all ? ran - all : 0))
echo "chaos: $killed_workers workers and $killed_supervisors supervisors killed, $had of $all cells" \
  "were there by then, $lost lost, $twice finished twice"
[ $((twice * 100)) -le "$all" ] || fail "more than a hundredth was finished twice"
[ $((killed_workers + killed_supervisors)) -ge "$kills" ] ||
  fail "only $((killed_workers + killed_supervisors)) kills before it was done: more seeds"
