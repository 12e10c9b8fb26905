#!/bin/bash
# Submitting to a scheduler, of which there is only an imitation here: the script that it is given,
# what it is told, and what is said of its answers. tests/cluster has the real ones.
source "$(dirname "$0")/common.sh"

# imitate NAME LINE...: a program of that name, which keeps its words in the file told.
mkdir imitations nothing
imitate() {
  local name=$1
  shift
  printf '%s\n' '#!/bin/sh' "printf '<%s>\n' \"\$@\" > '$work/told'" "$@" > "imitations/$name"
  chmod +x "imitations/$name"
}
submit() { PATH=$work/imitations:$PATH "$pressroom" submit "$@"; }
# The build may be reached by a link, and the script has where it is.
script_text() { sed "s|$(readlink -f "$build")|BUILD|g" "$1"; }

# A folder name with all that a shell, Slurm or HyperQueue could take for something else.
ugly="it's 50% \"done\"; \$HOME #1 & more"
campaign campaign.yaml "methods: [streaming_llm]"
"$pressroom" run campaign.yaml --out "$ugly" > log 2>&1 || fail "no campaign: $(cat log)"
cells "$ugly" > before

for engine in slurm hq; do
  imitate sbatch 'echo "Submitted batch job 4711"'
  imitate hq 'echo "Job submitted successfully, job ID: 7"'
  observe submit "$ugly" --on "$engine" --workers 3 --plugin-dir "$plugins" -- --qos "long or short"
  expect_code 0 "$engine"
  cp out answer
  script_text "$ugly/submit/$engine.sh" | expect_approved "submit_$engine"
  [ "$engine" != hq ] || sed -i '1{/<submit>/d}' told
  diff <(printf '<%s>\n' --qos "long or short" "$work/$ugly/submit/$engine.sh") told ||
    fail "$engine was told something else"
  count=$((count + 1))
  rm told
  observe submit "$ugly" --on "$engine" --workers 3 --plugin-dir "$plugins" --print
  expect_code 0 "$engine --print"
  cmp out "$ugly/submit/$engine.sh" || fail "--print prints another script"
  [ ! -e told ] || fail "--print submitted something"
  # The script does what a task is there for, wherever it starts.
  find "$ugly" -name 'streaming_llm_*.json' -delete
  observe env -C / SLURM_CPUS_PER_TASK=1 HQ_CPUS=0,1 HQ_JOB_ID=7 HQ_TASK_ID=2 \
    sh "$work/$ugly/submit/$engine.sh"
  expect_code 0 "the script of $engine"
  cells "$ugly" | diff before - || fail "the script of $engine ran no cell"
  case "$engine" in
    slurm) grep -qxF "Submitted batch job 4711" answer || fail "no answer: $(cat answer)" ;;
    hq)
      grep -qxF "Job submitted successfully, job ID: 7" answer || fail "no answer: $(cat answer)"
      grep -qF streaming_llm "$ugly/logs/hq-7_2.log" || fail "no log: $(ls "$ugly/logs")" ;;
  esac
done

# Plugins of the environment: a task has another one.
PRESSROOM_PLUGIN_PATH=$plugins submit "$ugly" --on slurm --print > out 2> err
grep -qF -- "--plugin-dir $(readlink -f "$plugins")" out || fail "the environment's plugins are missing: $(cat out)"

# What a site adds to its answer is passed on, and does not get into the results.
imitate sbatch 'echo "Submitted batch job 4711"' 'echo "sbatch: your account is nearly empty" >&2'
observe submit "$ugly" --on slurm
expect_code 0 "a warning of the site"
grep -qF "your account is nearly empty" err || fail "the warning is lost: $(cat err)"
[ "$(cat out)" = "Submitted batch job 4711" ] || fail "another answer: $(cat out)"

mkdir planned 'back\slash'
touch {planned,back\\slash}/{plan.json,config.yaml}
imitate sbatch 'echo "sbatch: error: invalid partition specified: gpu" >&2' \
  'echo "sbatch: error: Batch job submission failed: Invalid partition name specified" >&2' 'exit 1'
refuses submit_refused submit planned --on slurm -- --partition gpu
imitate sbatch 'kill -9 $$'
refuses submit_killed submit planned --on slurm
refuses submit_missing env PATH="$work/nothing" "$pressroom" submit planned --on slurm
refuses submit_missing_hq env PATH="$work/nothing" "$pressroom" submit planned --on hq
refuses submit_engine submit planned --on pbs
refuses submit_incomplete submit planned
refuses submit_no_tasks submit planned --on slurm --workers 0
refuses submit_nothing submit nowhere --on slurm
observe submit 'back\slash' --on slurm
expect_code 2 "a name that Slurm cannot have"
grep -qF "without backslashes" err || fail "no reason: $(cat err)"
observe submit 'back\slash' --on hq --print
expect_code 0 "the same for HyperQueue"
passed 10
