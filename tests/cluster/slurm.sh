#!/bin/bash
# A campaign that Slurm starts workers on, with a controller and two nodes, all of them on this
# machine: time limits end tasks, one is requeued, a node is lost. At the end all cells are there
# and are those of an undisturbed run.
#
#   tests/cluster/slurm.sh BUILD_DIR SOURCE_DIR      needs Debian's slurm-wlm and munge
source "$(dirname "$0")/common.sh"
PATH=$PATH:/usr/sbin:/sbin
for command in munged slurmctld slurmd sbatch scontrol squeue; do
  command -v "$command" > /dev/null || not_tested "workers under Slurm, as there is no $command"
done

# The cluster: daemons by name, each a process of this shell. Its only state is in this folder.
declare -A daemons=()
port=$((20000 + RANDOM % 20000))
export SLURM_CONF=$work/slurm/slurm.conf

daemon() { # NAME COMMAND...
  local name=$1
  shift
  "$@" > "slurm/log/$name" 2>&1 &
  daemons[$name]=$!
}
stop_daemon() { # NAME SIGNAL
  kill -s "$2" "${daemons[$1]}" 2> /dev/null || true
  wait "${daemons[$1]}" 2> /dev/null || true
  unset "daemons[$1]"
}
stop_cluster() {
  local name
  scancel --user "$(id -un)" 2> /dev/null || true
  for _ in $(seq 50); do
    [ -n "$(squeue --noheader 2> /dev/null)" ] || break
    sleep 0.2
  done
  for name in "${!daemons[@]}"; do stop_daemon "$name" TERM; done
  end_alone
}

configure() {
  local host
  host=$(hostname -s)
  mkdir -p slurm/{munge,state,spool,log}
  # Munge wants its socket where everyone may look, and its key where nobody else may.
  chmod 711 "$work"
  chmod 700 slurm/munge
  head -c 1024 /dev/urandom > slurm/munge/key
  chmod 400 slurm/munge/key
  # Requeued tasks wait until their old credentials have expired: 5 s is the least there is.
  cat > "$SLURM_CONF" << END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$work/slurm/socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=$port
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool/%n
SlurmctldPidFile=$work/slurm/slurmctld.pid
SlurmdPidFile=$work/slurm/%n.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=5
MinJobAge=600
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
}

nodes_idle() { [ "$(sinfo --noheader --Node --format %T 2> /dev/null | grep -c idle)" = "$1" ]; }
start_cluster() {
  configure
  trap stop_cluster EXIT
  daemon munged munged --foreground --key-file="$work/slurm/munge/key" \
    --socket="$work/slurm/socket" --pid-file="$work/slurm/munge/pid" \
    --log-file="$work/slurm/munge/log" --seed-file="$work/slurm/munge/seed"
  waits_for 10 "munge's socket" test -S slurm/socket
  daemon slurmctld slurmctld -D -c
  daemon n1 slurmd -D -c -N n1
  daemon n2 slurmd -D -c -N n2
  waits_for 30 "two nodes" nodes_idle 2
}

# submit N FLAG...: an array of N tasks, whose id is then in $job.
submit() {
  local tasks=$1
  shift
  observe "$pressroom" submit shared --on slurm --workers "$tasks" --plugin-dir "$plugins" -- "$@"
  expect_code 0 "submit"
  job=$(sed -n 's/^Submitted batch job \([0-9]*\)$/\1/p' out)
  [ -n "$job" ] || fail "no job: $(cat out err)"
}
queue_is_empty() { [ -z "$(squeue --noheader)" ]; }
tasks_running() { [ "$(squeue --noheader --states R | wc -l)" -ge "$1" ]; }
# tasks WORDS: how many tasks of the array have the words in what Slurm knows of them.
tasks() { scontrol --oneliner show job "$job" | grep -c -- "$1" || true; }
task_on() { squeue --noheader --nodelist "$1" --states R --format %i; }
has_task() { [ -n "$(task_on "$1")" ]; }
has_done_a_cell() { grep -qs perplexity "shared/logs/slurm-$1.log"; }

# A node that is gone: nothing of it says good-bye.
lose_node() {
  local process parent
  stop_daemon "$1" KILL
  for process in $(pgrep -x pressroom); do
    tr '\0' '\n' < "/proc/$process/environ" 2> /dev/null | grep -qx "SLURMD_NODENAME=$1" || continue
    grep -qz "^SLURM_CONF=$SLURM_CONF\$" "/proc/$process/environ" || continue
    parent=$(ps -o ppid= -p "$process" | tr -d ' ')
    ! grep -q slurmstepd "/proc/$parent/comm" || kill -9 "$parent"
    kill -9 "$process" || true
  done 2> /dev/null
  scontrol update nodename="$1" state=down reason=lost
}

plan_campaign
start_cluster

submit 2 --time=1 --signal=B:USR1@25
waits_for 120 "the end of tasks with a time limit" queue_is_empty
[ "$(tasks ExitCode=3:0)" = 2 ] ||
  fail "tasks did not end by their signal: $(scontrol show job "$job")"
[ -z "$(find shared/leases -type f)" ] || fail "leases are left: $(ls -a shared/leases)"
limited=$(done_cells)
[ "$limited" -lt "$all" ] || fail "all cells were done within the time limit: more seeds"

submit 4
waits_for 60 "two running tasks" tasks_running 2
requeued=$(task_on n1)
# Slurm calls a task running before its program has begun.
waits_for 60 "a cell of the task to be requeued" has_done_a_cell "$requeued"
scontrol requeue "$requeued"
waits_for 60 "cells after the requeue" has_cells $((limited + 8))
waits_for 60 "a task on the second node" has_task n2
lost=$(task_on n2)
lose_node n2
at_loss=$(done_cells)
[ "$at_loss" -lt "$all" ] || fail "all cells were done before the node was lost: more seeds"
sleep 2
daemon n2 slurmd -D -c -N n2
scontrol update nodename=n2 state=resume
waits_for 180 "the end of all tasks" queue_is_empty
[ "$(tasks Restarts=1)" -ge 2 ] || fail "no two tasks were restarted: $(scontrol show job "$job")"
[ "$(tasks JobState=COMPLETED)" = 4 ] || fail "tasks failed: $(scontrol show job "$job")"
for task in "$requeued" "$lost"; do expect_begun_again "shared/logs/slurm-$task.log"; done
echo "slurm: $limited cells within a time limit, $requeued requeued, $lost lost with its node at" \
  "$at_loss cells"
expect_same_as_alone
