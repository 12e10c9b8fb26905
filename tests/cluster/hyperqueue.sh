#!/bin/bash
# A campaign that HyperQueue starts workers on: a server and two of its workers on this machine, of
# which one is killed. At the end all cells are there and are those of an undisturbed run.
#
#   tests/cluster/hyperqueue.sh BUILD_DIR SOURCE_DIR      needs hq in PATH
source "$(dirname "$0")/common.sh"
command -v hq > /dev/null || not_tested "workers under HyperQueue, as there is no hq"

# Server and workers, each a process of this shell.
export HQ_SERVER_DIR=$work/hq
processes=()
start() { # COMMAND...
  setsid "$@" >> hq.log 2>&1 &
  processes+=($!)
}
stop_cluster() {
  local process
  hq server stop > /dev/null 2>&1 || true
  for process in "${processes[@]}"; do
    kill "$process" 2> /dev/null || true
    wait "$process" 2> /dev/null || true
  done
  rm -rf "$work"
}
workers_are() { [ "$(hq worker list --output-mode json 2> /dev/null | grep -o '"id"' | wc -l)" = "$1" ]; }

plan_campaign
trap stop_cluster EXIT
start hq server start
waits_for 20 "a server" test -e hq/hq-current
start hq worker start --cpus 1
start hq worker start --cpus 1
victim=${processes[2]}
waits_for 20 "two workers" workers_are 2

observe "$pressroom" submit shared --on hq --workers 4 --plugin-dir "$plugins"
expect_code 0 "submit"
waits_for 60 "some cells" has_cells 30
kill -9 "$victim"
at_loss=$(done_cells)
waits_for 180 "the end of all tasks" hq job wait all
echo "hyperqueue: a worker was killed at $at_loss cells"
expect_same_as_alone
