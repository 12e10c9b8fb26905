#!/bin/bash
# With little room for memory a command ends: with its results, or with one error that says what to
# do. It neither hangs nor dies of a signal.
source "$(dirname "$0")/common.sh"

campaign campaign.yaml
ended=0
refused=0
# Several times where some of the threads still find room: what they then wait for differs from run to
# run.
for limit in 640000 680000 720000 740000 760000 760000 760000 780000 800000 900000 1500000; do
  # Not even the libraries find room: the loader, or what a library does when it is loaded, ends the
  # process before anything of ours runs.
  (ulimit -v "$limit" && exec "$pressroom" --version) > out 2>&1 < /dev/null || continue
  for threads in 1 4; do
    rm -rf results
    code=0
    (
      ulimit -v "$limit"
      exec timeout -s KILL 60 "$pressroom" run campaign.yaml --out results --threads "$threads"
    ) > out 2> err < /dev/null || code=$?
    case $code in
      0) ended=$((ended + 1)) ;;
      2)
        refused=$((refused + 1))
        [ "$(grep -c '^error' err)" = 1 ] || fail "ulimit -v $limit: not one error: $(cat err)"
        grep -q '^  do: ' err || fail "ulimit -v $limit: it does not say what to do: $(cat err)"
        ;;
      *) fail "ulimit -v $limit, $threads threads: exit code $code: $(cat err)" ;;
    esac
  done
done
# Text and its study as well, whose weights and caches are tensors.
head -c 200 "$prose" > prompt.txt
for command in "generate --prompt-file prompt.txt --tokens 4 --json" \
  "bench decode --text $prose --lengths 64 --tokens 4 --repeats 1 --budget 16 --json"; do
  for limit in 640000 700000 760000 820000 1500000; do
    (ulimit -v "$limit" && exec "$pressroom" --version) > out 2>&1 < /dev/null || continue
    code=0
    (
      ulimit -v "$limit"
      # shellcheck disable=SC2086
      exec timeout -s KILL 60 "$pressroom" $command --model starter --threads 1
    ) > out 2> err < /dev/null || code=$?
    case $code in
      0) ended=$((ended + 1)) ;;
      2)
        refused=$((refused + 1))
        [ "$(grep -c '^error' err)" = 1 ] || fail "ulimit -v $limit: not one error: $(cat err)"
        ! grep -q 'report it with the command' err || fail "ulimit -v $limit: a fault: $(cat err)"
        grep -q '^  do: ' err || fail "ulimit -v $limit: it does not say what to do: $(cat err)"
        ;;
      *) fail "ulimit -v $limit, $command: exit code $code: $(cat err)" ;;
    esac
  done
done
[ "$ended" -ge 2 ] || fail "no run had room enough"
[ "$refused" -ge 2 ] || fail "every run had room enough"
echo "low_memory: passed, $ended ended well, $refused were refused"
