#!/bin/bash
# Holds every #include of the project's own headers to the table in docs/architecture.md: a folder
# includes what its row allows, and a row allows only folders of rows above it.
#
#   includes.sh SOURCE_DIR
set -euo pipefail
export LC_ALL=C
cd "$1"
table=docs/architecture.md

# "FOLDER ALLOWED..." for each row of the table that is about a folder of core/src.
rows=$(awk -F'|' '/^\| `core\/src\// {
  folder = $2; gsub(/[` ]|core\/src\/|\/$/, "", folder); sub(/\/$/, "", folder)
  allowed = $4; gsub(/[`,-]/, " ", allowed)
  print folder, allowed
}' "$table")
[ "$(wc -l <<< "$rows")" -ge 20 ] || { echo "includes: the table in $table was not understood"; exit 1; }

wrong=$(
  {
    sed 's/^/row /' <<< "$rows"
    # "use FILE FOLDER HEADER", of core/src and of what may include the SDK alone.
    grep -rHoE --include='*.h' --include='*.cpp' '#include ("[^"]*"|<(pressroom|base|engine|model)/[^>]*>)' core/src |
      sed -E 's|^core/src/([^/]*)/([^:]*):#include ["<](.*)[">]$|use core/src/\1/\2 \1 \3|'
    grep -rHo --include='*.h' --include='*.cpp' '#include "[^"]*"' core/include core/tools plugins datasets/readers |
      sed -E 's|^([^:]*):#include "(.*)"$|sdk \1 \2|'
  } | awk -v table="$table" '
    $1 == "row" {
      rank[$2] = ++rows
      for (i = 3; i <= NF; i++) {
        if (!($i in rank)) print table ": the row of " $2 " allows " $i ", which is not above it"
        allowed[$2, $i] = 1
      }
      next
    }
    $1 == "use" {
      split($4, part, "/")
      if (part[1] == "pressroom" || part[1] == $3) next
      if (!($3 in rank)) print $2 ": its folder has no row in " table
      else if (!(($3, part[1]) in allowed)) print $2 ": includes " $4 ", which the row of " $3 " in " table " does not allow"
      uses++
      next
    }
    # The tool that asks plugins what they are writes it down as the SDK reads it.
    $1 == "sdk" && $2 ~ /^core\/tools\// && $3 ~ /^sdk\// { next }
    # Plugins may share headers, which they name without a folder or by the neighbour they are from:
    # plugins/methods/NAME/file.h includes "../OTHER/other.h", and nothing that is further away.
    $1 == "sdk" {
      if ($3 ~ /^pressroom\// || $3 !~ /\// || $3 ~ /^\.\.\/[a-z0-9_]+\/[a-z0-9_]+\.h$/) next
      print $2 ": includes " $3 ", and only the SDK is allowed there"
    }
    END { if (uses < 400) print "only " uses + 0 " includes were found" }'
)
# Comments are left as they were written, so nothing else holds them to the width of a line. Texts in
# raw strings may be as long as they are.
long=$(grep -rnE --include='*.h' --include='*.cpp' '^.{101,}$' core plugins datasets runner |
  grep -vE ':[0-9]+:[^/]*R"|split_syntax.cpp' || true)
[ -z "$long" ] || { printf '%s\n' "lines of more than 100 columns:" "$long"; exit 1; }
[ -z "$wrong" ] || { printf '%s\n' "$wrong" "includes: $(wc -l <<< "$wrong") faults"; exit 1; }
echo "includes: passed"
