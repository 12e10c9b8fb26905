#!/bin/bash
# A campaign of many small cells takes hardly more memory at its end than when it has begun: what a
# cell is measured with is given back.
source "$(dirname "$0")/common.sh"

cat > campaign.yaml << END
name: many
model: starter
protocol: {context: [32, 48], documents: 1}
datasets: {reader: text, path: $prose}
methods: [tova, h2o, knorm, random]
sparsity: [$(seq -s ', ' 0.12 0.02 0.9)]
seeds: [1, 2, 3, 4, 5]
metrics: [perplexity, cache]
END
"$pressroom" run campaign.yaml --out results > out 2> err < /dev/null &
pid=$!
# The program's resident memory in kB; nothing once it has ended.
resident() { awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status" 2> /dev/null || true; }
begun=
most=0
while kill -0 "$pid" 2> /dev/null; do
  now=$(resident)
  cells=$(wc -l < results/events.jsonl 2> /dev/null || echo 0)
  if [ -n "$now" ] && [ "$cells" -ge 100 ]; then
    [ -n "$begun" ] || begun=$now
    [ "$now" -le "$most" ] || most=$now
  fi
  sleep 0.1
done
wait "$pid" || fail "exit code $?: $(cat err)"
cells=$(cells results | wc -l)
[ "$cells" -ge 1600 ] || fail "only $cells cells were run"
[ -n "$begun" ] || fail "nothing was measured"
[ $((most * 10)) -le $((begun * 12)) ] || fail "$begun kB after 100 cells, $most kB after $cells"
echo "memory: passed, $begun kB after 100 cells, at most $most kB of $cells"
