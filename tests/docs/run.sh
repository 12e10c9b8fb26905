#!/bin/bash
# Runs what the documentation says can be run: run.sh BUILD_DIR SOURCE_DIR [PAGE.md...]
#
# Each page is a session of its own, in a scratch folder that looks like a checkout beside the reader's
# own files (my.txt, a folder my_texts, the model in /models/other). Fenced blocks are taken in order:
#
#   ```sh             every line is run; a line that fails, fails the page
#   ```sh with "$ "   what follows a line "$ command" is in that command's output, numbers aside;
#                     "..." stands for anything. Indented blocks that begin with "$ " are the same
#   other languages   run or kept only where a comment before the block says so:
#
#   <!-- file: mine.yaml -->       the block is written to that file
#   <!-- output: COMMAND -->       the block is what COMMAND prints, whole numbers of 4 to 6 digits aside
#   <!-- not run: REASON -->       the block needs what a test has not; the reason is printed
#
# A page may not hide a command: a block of sh is run, or says why not.
set -euo pipefail
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "docs: $1" >&2
  exit 1
}

# A folder for one page, with what its reader is said to have.
prepare() {
  export HOME=$work/home-$1 NO_COLOR=1
  here=$work/$1
  mkdir -p "$HOME/src/pressroom" "$here/my_texts"
  for folder in "$here" "$HOME/src/pressroom"; do
    ln -s "$build" "$folder/build"
    for part in configs datasets docs scripts tests; do ln -s "$source/$part" "$folder/$part"; done
  done
  [ "$1" != write-a-method ] || rm "$here/build"  # that page makes one
  cp "$source/tests/data/prose.txt" "$here/my.txt"
  cp "$here/my.txt" "$here/FILE"
  cp "$source/datasets/text/held-out/persuasion.txt" "$here/my_texts"
  echo "[5, 9, 12, 40, 7, 300, 8, 41, 5, 9, 12, 40, 7, 300, 8, 41]" > "$here/ids.json"
}

# Runs the lines of standard input as one shell session in the page's folder.
session() { (cd "$here" && PATH=$build/bin:$PATH bash -euo pipefail) > "$work/out" 2>&1; }

# Numbers differ from machine to machine: versions, hashes, speeds.
masked() { sed -E 's/[0-9][0-9a-f.,]*/N/g; s/[[:space:]]+/ /g'; }
speeds_masked() { sed -E 's/ [0-9]{4,6}( |$)/ N\1/g; s/[[:space:]]+/ /g; s/ $//; /^$/d'; }

run_transcript() {  # FILE: "$ command" lines, each with a part of its output below it
  local command= line
  while IFS= read -r line; do
    if [[ $line == '$ '* ]]; then
      command=${line#\$ }
      session <<< "$command" || fail "$where: $command: $(cat "$work/out")"
    elif [ -n "$line" ] && [ "$line" != ... ]; then
      masked < "$work/out" | grep -qF -- "$(masked <<< "$line")" ||
        fail "$where: $command does not print \"$line\" but: $(cat "$work/out")"
    fi
  done < "$1"
}

run_block() {  # LANGUAGE MARK FILE
  case "$2" in
    "not run: "*) echo "$where: ${2}"; return ;;
    "file: "*) cp "$3" "$here/${2#file: }"; return ;;
    "output: "*)
      session <<< "${2#output: }" || fail "$where: ${2#output: }: $(cat "$work/out")"
      diff <(speeds_masked < "$3") <(speeds_masked < "$work/out" | grep -Fxf <(speeds_masked < "$3")) ||
        fail "$where: \`${2#output: }\` no longer prints this"
      count=$((count + 1))
      return ;;
  esac
  [ "$1" = sh ] || return 0
  count=$((count + 1))
  if grep -q '^\$ ' "$3"; then
    run_transcript "$3"
  else
    session < "$3" || fail "$where: $(cat "$3"); it said: $(cat "$work/out")"
  fi
}

# The indented block that was collected, if it is a transcript.
run_indented() {
  [ -n "$indented" ] || return 0
  if [[ $indented == '$ '* ]]; then
    printf '%s' "$indented" > "$work/block"
    run_block sh "$mark" "$work/block"
    mark=
  fi
  indented=
}

run_page() {
  local page=$1 line number=0 language= mark= inside=no indented=
  prepare "$(basename "$page" .md)"
  while IFS= read -r line; do
    number=$((number + 1))
    if [[ $inside == no && $line == '    '* ]]; then
      [ -n "$indented" ] || where=${page#"$source"/}:$number
      indented+=${line#    }$'\n'
      continue
    fi
    [[ $inside == no && -n $indented && -n $line ]] && run_indented
    if [[ $inside == no && $line == '```'* ]]; then
      inside=yes language=${line#\`\`\`} where=${page#"$source"/}:$number
      : > "$work/block"
    elif [[ $inside == yes && $line == '```' ]]; then
      inside=no
      run_block "$language" "$mark" "$work/block"
      mark=
    elif [ "$inside" = yes ]; then
      printf '%s\n' "$line" >> "$work/block"
    elif [[ $line =~ ^\<!--\ (.*)\ --\>$ ]]; then
      mark=${BASH_REMATCH[1]}
    elif [ -n "$line" ]; then
      mark=
    fi
  done < "$page"
  run_indented
}

count=0
[ $# -gt 0 ] || set -- "$source/README.md" "$source"/docs/*.md
for page in "$@"; do run_page "$page"; done
[ "$count" -ge 1 ] || fail "no block was run"
echo "docs: passed, $count blocks were run"
