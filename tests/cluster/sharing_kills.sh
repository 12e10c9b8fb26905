#!/bin/bash
# Kills what changes installed plugins and a repository, and looks at what is left. In each round two
# homes and a repository are changed by several commands at once, each of which is killed, with its
# whole process group, at a random moment. After each round
#
# - what is installed in a home can be read, is what it was or what it was to be, and each plugin is
#   the file that was installed;
# - the repository can be verified from a home that has never seen it, its serial number has not
#   gone back, and every bundle of a publisher that was not killed is there;
# - the killed commands are given again, and succeed.
#
#   tests/cluster/sharing_kills.sh BUILD_DIR SOURCE_DIR     PRESSROOM_KILLS=300 PRESSROOM_SEED=1
source "$(dirname "$0")/../cli/common.sh"
if [ -z "$(type -P zstd)" ]; then
  echo "NOT TESTED: kills of plugin commands: the program zstd is not installed (scripts/setup --test)"
  exit 0
fi
unset XDG_DATA_HOME
export HOME=$work/home PRESSROOM_HOME=$work/ann
mkdir -p "$HOME" commands lab
lab=$work/lab

kills=${PRESSROOM_KILLS:-300}
seed=${PRESSROOM_SEED:-$$}
echo "seed of the kills: $seed"

step() { "$@" > out 2> err || fail "$*: $(cat out err)"; }

# --- What is published: a plugin that is built once, under two names and any number of versions.

step "$pressroom" plugin new method demo
sed -i -e 's/^licence:.*/licence: Apache-2.0/' -e 's/^authors:.*/authors: [Ann Author]/' demo/bundle.yaml
sed -i '/^enable_testing/,$d' demo/CMakeLists.txt # which takes as long to build as the plugin
echo "A method." > demo/README.md
echo "Apache License 2.0" > demo/LICENSE
step "$pressroom" plugin pack demo
mkdir base
zstd -dqc demo-0.1.0.press.tar.zst | tar x -C base
plugin_file=$(cd base && echo variants/*/demo.so)

if [ -n "$(type -P minisign)" ]; then
  minisign -G -W -p ann.pub -s ann.key > out 2> err || fail "minisign: $(cat out err)"
  key=(--key "$work/ann.key")
else
  printf 'correct horse\n' > passphrase
  step "$pressroom" plugin sign --new-key ann.key --passphrase-file passphrase
  mv ann.key.pub ann.pub
  key=(--key "$work/ann.key" --passphrase-file "$work/passphrase")
fi

# Of one length, so that they can be exchanged in a shared object, and in the order of their texts.
version_of() { echo "$(($1 / 100)).$(($1 / 10 % 10)).$(($1 % 10))"; }
name_of() { if [ $(($1 % 2)) = 0 ]; then echo demo; else echo tide; fi; }
bundle_of() { echo "$work/bundles/$(name_of "$1")-$(version_of "$1").press.tar.zst"; }

hash_of() { sha256sum < "$1" | cut -c 1-64; }
make_bundle() { # number $1
  local name version file=${plugin_file%demo.so}
  name=$(name_of "$1")
  version=$(version_of "$1")
  rm -rf made
  cp -r base made
  [ "$name" = demo ] || mv "made/$plugin_file" "made/$file$name.so"
  sed -i -e "s/demo/$name/g" -e "s/0\.1\.0/$version/g" "made/$file$name.so" made/golden.json
  sed -i -e "s/\"name\": \"demo\"/\"name\": \"$name\"/" -e "s/\"version\": \"0\.1\.0\"/\"version\": \"$version\"/" \
    -e "s|$plugin_file|$file$name.so|" -e "s/$(hash_of "base/$plugin_file")/$(hash_of "made/$file$name.so")/" \
    -e "s/$(hash_of base/golden.json)/$(hash_of made/golden.json)/" made/manifest.json
  (cd made && find . -type f -printf '%P\n' | sort > ../members &&
    tar c --format=ustar --owner=0 --group=0 --mtime=@0 -T ../members) | zstd -q > "$(bundle_of "$1")"
}

first=10
last=$((first + 12 + kills / 2))
[ "$last" -lt 1000 ] || last=999
mkdir bundles
for ((i = first; i <= last; i++)); do make_bundle "$i"; done
step "$pressroom" plugin sign bundles/* "${key[@]}"
step "$pressroom" plugin publish "$lab" "$(bundle_of 10)" "$(bundle_of 11)" "$(bundle_of 12)" "${key[@]}"
next_bundle=13

# --- What is installed, as one line: "demo 0.1.0, tide 0.1.1".

lines_of() { [ -z "$1" ] || echo "${1//, /$'\n'}"; }
state_of() { sort -u | sed '/^$/d' | paste -sd ',' | sed 's/,/, /g'; }
# The state $1 after the change $2: "+demo 0.1.0", "-demo 0.1.0", or "=" and a whole state.
changed() {
  case $2 in
    +*) { lines_of "$1"; echo "${2#+}"; } | state_of ;;
    -*) lines_of "$1" | { grep -vxF -e "${2#-}" || true; } | state_of ;;
    =*) echo "${2#=}" ;;
  esac
}

profile_of() { # of the home $1, or its generation $2
  local profiles=("$work/$1/profiles"/*/"${2:-current}"/profile.json)
  [ -e "${profiles[0]}" ] && echo "${profiles[0]}"
}
state_in_profile() {
  sed -n -e 's/^ *"name": "\(.*\)",/\1/p' -e 's/^ *"version": "\(.*\)",/\1/p' "$1" | paste -sd ' \n' | state_of
}
# Where rollback leads to; nothing where there is no way back.
state_before() {
  local profile previous
  profile=$(profile_of "$1") || return 1
  previous=$(sed -n 's/^ *"previous": \([0-9]*\),.*/\1/p' "$profile")
  [ "$previous" -gt 0 ] && profile=$(profile_of "$1" "$previous") && state_in_profile "$profile"
}

# What is installed in the home $1, after each file was held to its hash.
verified_state() {
  local code=0
  PRESSROOM_HOME=$work/$1 "$pressroom" plugin verify > "verify.$1" 2> "verify.$1.err" || code=$?
  if [ $code = 2 ] && grep -q "no such plugin is installed" "verify.$1.err"; then return; fi
  if [ $code != 0 ] || grep -qv ": as it was installed$" "verify.$1"; then
    echo "DAMAGED: $(cat "verify.$1" "verify.$1.err")"
    return
  fi
  sed 's/: as it was installed$//' "verify.$1" | state_of
}

published() { sed -n 's|^ *"file": "bundles/\(.*\)-\(.*\)\.press\.tar\.zst",|\1 \2|p' "$lab/index.json"; }
serial() { sed -n 's/^ *"serial": \([0-9]*\),.*/\1/p' "$lab/index.json"; }
newest_of() { { grep "^$1 " || true; } | sort | tail -n 1; }

# --- Commands that are killed.

# Milliseconds. Six tenths and more of them go to loading libraries.
declare -A takes
measure() { # the command called $1
  local started=${EPOCHREALTIME/./}
  shift
  step "$@"
  local ended=${EPOCHREALTIME/./}
  takes[$name]=$(((ended - started) / 1000))
}

# Milliseconds, without a process: a pipe that nobody ever writes to is read.
exec {silence}<> <(:)
pause() { read -rt "$(($1 / 1000)).$(printf %03d "$(($1 % 1000))")" -u "$silence" || true; }

# Whether the process $1 holds a lock of the folder $2.
has_begun() {
  local descriptor lock
  for descriptor in "/proc/$1/fd"/[3-9]; do
    for lock in "$2"/.lock "$2"/incoming/*.hold; do
      if [[ $descriptor -ef $lock ]]; then return 0; fi
    done
  done
  return 1
}

# strike PROCESS FOLDER LOCK_FIRST DELAY: kills a process group after a delay in milliseconds - from
# now on, or from when the process holds a lock of the folder. Says when that was.
strike() {
  while [ "$3" = 1 ] && kill -0 "$1" && ! has_begun "$1" "$2"; do pause 2; done
  pause "$4"
  local moment=unlocked
  ! has_begun "$1" "$2" || moment=locked
  echo $moment
  kill -9 -- "-$1" || true
}

running=()       # subshells
commands=()      # "LABEL HOME", in the order of their start
declare -A words # of each
declare -A changes
# disturbed LABEL HOME FOLDER KIND WORD...: gives a command and kills it.
disturbed() {
  local label=$1 home=$2 folder=$3 kind=$4 lock_first=$((RANDOM % 3 > 0)) delay
  shift 4
  words[$label]=$(printf '%q ' "$@")
  # What the golden answers take goes by after the first lock.
  case $kind in *golden) lock_first=0 ;; esac
  if [ $lock_first = 1 ]; then
    delay=$((RANDOM % 50))
  else
    delay=$((takes[$kind] * 6 / 10 + RANDOM % (takes[$kind] / 2)))
  fi
  commands+=("$label $home")
  (
    PRESSROOM_HOME=$work/$home setsid "$@" > "commands/$label.out" 2> "commands/$label.err" < /dev/null &
    strike $! "$folder" $lock_first $delay > "commands/$label.moment"
    code=0
    wait $! || code=$?
    echo $code > "commands/$label.code"
  ) 2> /dev/null &
  running+=($!)
}
code_of() { cat "commands/$1.code"; }
was_killed() { [ "$(code_of "$1")" = 137 ]; }
kill_count=0
declare -A moments=([unlocked]=0 [locked]=0)

disturb_publishers() {
  local count=$((1 + RANDOM % 2)) i
  for ((i = 0; i < count; i++)); do
    if [ $((RANDOM % 6)) = 0 ] || [ "$next_bundle" -gt "$last" ]; then
      changes[publisher$i]=""
      disturbed publisher$i ann "$lab" publish "$pressroom" plugin publish "$lab" "${key[@]}"
    else
      changes[publisher$i]="$(name_of "$next_bundle") $(version_of "$next_bundle")"
      disturbed publisher$i ann "$lab" publish "$pressroom" plugin publish "$lab" "$(bundle_of "$next_bundle")" "${key[@]}"
      next_bundle=$((next_bundle + 1))
    fi
  done
}

# A line of those of standard input.
any_line() {
  local lines
  mapfile -t lines
  [ ${#lines[@]} -eq 0 ] || echo "${lines[RANDOM % ${#lines[@]}]}"
}

declare -A installed=([ben]="" [cat]="")
disturb_home() { # $1
  local home=$1 name version plugin golden=(--no-golden) kind=install others
  local state=${installed[$1]}
  # Published and not installed: the changes of two commands then do not depend on their order.
  others=$(grep -vxF -f <(lines_of "$state"; echo -) <<< "$before_published" || true)
  if [ $((RANDOM % 10)) = 0 ]; then golden=() kind=golden; fi
  case $((RANDOM % 8)) in
    0 | 1) # the way back
      if version=$(state_before "$home"); then
        changes[$home]="=$version"
        disturbed "$home" "$home" "$work/$home" rollback "$pressroom" plugin rollback
        return
      fi
      ;;
    2 | 3) # what is newer, be it published before or now
      name=$(lines_of "$state" | any_line)
      name=${name% *}
      plugin=$(newest_of "$name" <<< "$before_published")
      if [ -n "$name" ] && [[ $plugin > $(lines_of "$state" | newest_of "$name") ]]; then
        changes[$home]="+$plugin"
        for plugin in "${changes[publisher0]:-}" "${changes[publisher1]:-}"; do
          [ "${plugin% *}" != "$name" ] || changes[$home]+=$'\n'"+$plugin"
        done
        disturbed "$home" "$home" "$work/$home" "$kind" "$pressroom" plugin update "$name" "${golden[@]}"
        return
      fi
      ;;
    4) # away
      plugin=$(lines_of "$state" | any_line)
      if [ -n "$plugin" ]; then
        changes[$home]="-$plugin"
        disturbed "$home" "$home" "$work/$home" remove "$pressroom" plugin remove "${plugin/ /@}"
        return
      fi
      ;;
    5 | 6) # two at once
      plugin=$(lines_of "$state" | any_line)
      if [ -n "$plugin" ]; then
        changes[$home.more]="-$plugin"
        disturbed "$home.more" "$home" "$work/$home" remove "$pressroom" plugin remove "${plugin/ /@}"
      else
        plugin=$(any_line <<< "$others")
        changes[$home.more]="+$plugin"
        disturbed "$home.more" "$home" "$work/$home" install "$pressroom" plugin install "${plugin/ /@}" --no-golden
        others=$(grep -vxF -e "$plugin" <<< "$others")
      fi
      ;;
  esac
  plugin=$(any_line <<< "$others")
  changes[$home]="+$plugin"
  disturbed "$home" "$home" "$work/$home" "$kind" "$pressroom" plugin install "${plugin/ /@}" "${golden[@]}"
}

# --- What is left.

# The states that the home $1 may be in: of each command that was killed, with its change or without
# it; of one that was not, with it.
possible_states() {
  local states=("${installed[$1]}") next label home state change
  for command in "${commands[@]}"; do
    read -r label home <<< "$command"
    [ "$home" = "$1" ] || continue
    next=()
    for state in "${states[@]}"; do
      ! was_killed "$label" || next+=("$state")
      while read -r change; do next+=("$(changed "$state" "$change")"); done <<< "${changes[$label]}"
    done
    states=("${next[@]}")
  done
  printf '%s\n' "${states[@]}"
}

check_home() { # $1, in a subshell beside others
  local state
  state=$(verified_state "$1")
  possible_states "$1" > "possible.$1"
  grep -qxF -e "$state" "possible.$1" || fail "$1 has \"$state\"; possible is:
$(cat "possible.$1")
before: \"${installed[$1]}\"; the commands:
$(for command in "${commands[@]}"; do echo "${words[${command% *}]}: exit code $(code_of "${command% *}")"; done)"
  # What is read of the profile otherwise is what the program reads.
  local profile
  profile=$(profile_of "$1") || profile=/dev/null
  [ "$state" = "$(state_in_profile "$profile")" ] || fail "$1: the profile has something else than \"$state\""
  echo "$state" > "state.$1"
}

check_repository() { # from a new home, in a subshell
  export PRESSROOM_HOME=$work/reader
  rm -rf reader
  "$pressroom" repo add lab "$lab" --key ann.pub > reader.out 2>&1 || fail "repo add: $(cat reader.out)"
  "$pressroom" repo check lab > reader.out 2> reader.err || fail "repo check: $(cat reader.out reader.err)"
  grep -q ", 0 problems$" reader.out || fail "repo check: $(cat reader.out)"
  grep -qF "serial $(serial)," reader.out || fail "repo check has another serial number than $(serial): $(cat reader.out)"
}

left_processes() {
  local process
  for process in /proc/[0-9]*; do
    if [[ $process/cwd -ef $work && $process/exe -ef $pressroom ]]; then echo "${process#/proc/}"; fi
  done
}
check_processes() {
  local tries left
  for ((tries = 0; tries < 100; tries++)); do
    left=$(left_processes 2> /dev/null)
    [ -n "$left" ] || return 0
    sleep 0.1
  done
  fail "processes outlive the command that was killed: $left"
}

leftovers=0
count_leftovers() {
  local lines
  lines=$(grep -c "^$lab/" reader.out || true)
  leftovers=$((leftovers + lines))
  lines=$(find ben cat \( -path '*/incoming/*' -o -name '.next' -o -name '.current.next' -o -name '.gone' \) -prune -print | wc -l)
  leftovers=$((leftovers + lines))
}

# --- Commands that were killed, to their end.

finish_home() { # $1, in a subshell
  local label home state change newest
  state=${installed[$1]}
  for command in "${commands[@]}"; do
    read -r label home <<< "$command"
    if [ "$home" != "$1" ] || ! was_killed "$label"; then continue; fi
    change=${changes[$label]}
    case $change in
      *$'\n'*) # an update: by now all is published
        newest=$(published | newest_of "$(sed -n 's/^+\(.*\) .*/\1/p;q' <<< "$change")")
        change="+$newest"
        ;;
    esac
    [ "$(changed "$state" "$change")" != "$state" ] || continue
    PRESSROOM_HOME=$work/$1 bash -c "${words[$label]}" > "commands/$label.out" 2> "commands/$label.err" ||
      fail "after a kill, ${words[$label]}: $(cat "commands/$label.out" "commands/$label.err")"
    state=$(changed "$state" "$change")
  done
  echo "$state" > "state.$1"
}
finish_publishers() {
  local label
  for command in "${commands[@]}"; do
    label=${command% *}
    case $label in publisher*) ;; *) continue ;; esac
    was_killed "$label" || continue
    step bash -c "${words[$label]}"
    [ -z "${changes[$label]}" ] || published | grep -qxF "${changes[$label]}" || fail "${words[$label]}: it is not there"
  done
}

# in_parallel COMMAND...: all of them, each word a command; fails where one does.
in_parallel() {
  local command started=() process failed=0
  for command in "$@"; do
    $command &
    started+=($!)
  done
  for process in "${started[@]}"; do wait "$process" || failed=1; done
  [ $failed = 0 ] || exit 1
}

# --- The rounds.

for home in ben cat; do
  PRESSROOM_HOME=$work/$home step "$pressroom" repo add lab "$lab" --key ann.pub
done
export PRESSROOM_HOME=$work/ben
for name in install golden remove rollback publish; do
  case $name in
    install) measure $name "$pressroom" plugin install demo@0.1.0 --no-golden ;;
    golden) measure $name "$pressroom" plugin install demo@0.1.0 ;;
    remove) measure $name "$pressroom" plugin remove demo ;;
    rollback) measure $name "$pressroom" plugin rollback ;;
    publish) measure $name "$pressroom" plugin publish "$lab" "${key[@]}" ;;
  esac
done
export PRESSROOM_HOME=$work/ann
installed[ben]="demo 0.1.0"

rounds=0
while [ $kill_count -lt "$kills" ]; do
  [ $rounds -lt $((kills + 10)) ] || fail "only $kill_count kills in $rounds rounds"
  rounds=$((rounds + 1))
  running=() commands=() changes=() words=()
  before_published=$(published)
  before_serial=$(serial)
  disturb_publishers
  disturb_home ben
  disturb_home cat
  for process in "${running[@]}"; do wait "$process"; done
  for command in "${commands[@]}"; do
    label=${command% *}
    case $(code_of "$label") in
      137)
        kill_count=$((kill_count + 1))
        moment=$(cat "commands/$label.moment")
        moments[$moment]=$((moments[$moment] + 1))
        ;;
      0) ;;
      *) fail "${words[$label]}: $(cat "commands/$label.out" "commands/$label.err")" ;;
    esac
  done
  check_processes
  in_parallel "check_home ben" "check_home cat" check_repository
  count_leftovers
  for home in ben cat; do installed[$home]=$(cat "state.$home"); done
  [ "$(serial)" -ge "$before_serial" ] || fail "the serial number went back from $before_serial to $(serial)"
  before_serial=$(serial)
  for command in "${commands[@]}"; do
    label=${command% *}
    if [[ $label != publisher* || -z ${changes[$label]} ]] || was_killed "$label"; then continue; fi
    published | grep -qxF "${changes[$label]}" || fail "$(cat "commands/$label.out") - but the index lacks it"
  done
  lost=$(grep -vxF -f <(published) <<< "$before_published" || true)
  [ -z "$lost" ] || fail "the index lost $lost"
  finish_publishers
  in_parallel "finish_home ben" "finish_home cat"
  for home in ben cat; do installed[$home]=$(cat "state.$home"); done
done
in_parallel check_repository
for home in ben cat; do
  [ "$(verified_state $home)" = "${installed[$home]}" ] || fail "$home ends with $(verified_state $home), not ${installed[$home]}"
done
echo "sharing kills: $kill_count in $rounds rounds, ${moments[locked]} of them while a lock was held;" \
  "$leftovers times something was left half made, and in nobody's way;" \
  "$(published | wc -l) bundles are published, serial $(serial)"
[ "$leftovers" -gt 0 ] || [ "$kills" -lt 50 ] || fail "no command was killed half way"
