#!/bin/bash
# A campaign that HyperQueue starts workers on: a server and two of its workers on this machine. One
# of these is lost with the task that it runs, and another takes its place. At the end all cells are
# there and are those of an undisturbed run.
#
#   tests/cluster/hyperqueue.sh BUILD_DIR SOURCE_DIR
#
# It needs hq in PATH or, where there is none, HyperQueue's Python package, which has a server and
# workers; PRESSROOM_HQ_PYTHON says which Python has it.
source "$(dirname "$0")/common.sh"
# Whoever is killed leaves its sockets in TMPDIR.
export HQ_SERVER_DIR=$work/hq TMPDIR=$work
if ! command -v hq > /dev/null; then
  python=${PRESSROOM_HQ_PYTHON:-python3}
  "$python" -c 'import hyperqueue' 2> /dev/null ||
    not_tested "workers under HyperQueue, as there is neither hq nor its Python package"
  mkdir bin
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$source/tests/cluster/hq.py" > bin/hq
  chmod +x bin/hq
  PATH=$work/bin:$PATH
fi
version=$(hq --version)

# Server and workers, each a process of this shell; the last one is $started.
declare -A running=()
start() { # COMMAND...
  "$@" >> hq.log 2>&1 &
  started=$!
  running[$started]=yes
}
stop_cluster() {
  local code=$? process
  [ "$code" = 0 ] || tail -n 20 hq.log >&2
  for process in "${!running[@]}"; do lose "$process"; done
  end_alone
}

task_of() { pgrep -P "$1" -x pressroom; }
# A machine that is gone: nothing of it says good-bye. What is stopped cannot tell of another's end.
lose() { # WORKER
  local gone
  gone="$1 $(pgrep -P "$1" || true)"
  kill -STOP $gone 2> /dev/null || true
  kill -KILL $gone 2> /dev/null || true
  wait "$1" 2> /dev/null || true
  unset "running[$1]"
}

plan_campaign
trap stop_cluster EXIT
start hq server start
waits_for 20 "a server" test -e hq/hq-current
start hq worker start --cpus 1
stays=$started
start hq worker start --cpus 1
leaves=$started

observe "$pressroom" submit shared --on hq --workers 4 --plugin-dir "$plugins" -- --cpus 1
expect_code 0 "submit"
job=$(sed -n 's/^Job submitted successfully, job ID: \([0-9]*\)$/\1/p' out)
[ -n "$job" ] || fail "no job: $(cat out err)"
waits_for 60 "a task on the first worker" task_of "$stays" > /dev/null
waits_for 60 "a task on the second worker" task_of "$leaves" > /dev/null
waits_for 90 "half of the cells" has_cells $((all / 2))
lost=$(tr '\0' '\n' < "/proc/$(task_of "$leaves")/environ" | sed -n 's/^HQ_TASK_ID=//p')
lose "$leaves"
at_loss=$(done_cells)
[ "$at_loss" -lt "$all" ] || fail "all cells were done before the worker was lost: more seeds"

start hq worker start --cpus 1
waits_for 30 "a task on the worker in its place" task_of "$started" > /dev/null
observe timeout 180 hq job wait "$job"
expect_code 0 "the wait for all tasks"
expect_begun_again "shared/logs/hq-${job}_$lost.log"
echo "hyperqueue: task $lost was lost with its worker at $at_loss cells, and begun again ($version)"
expect_same_as_alone
