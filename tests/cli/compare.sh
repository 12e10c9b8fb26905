#!/bin/bash
# compare: one campaign, two that are equal, two that differ, a half-finished one, and every bad
# request word for word.
source "$(dirname "$0")/common.sh"

compare() { "$pressroom" compare "$@"; }
refuses_compare() { refuses "$1" "$pressroom" compare "${@:2}"; }
shows() { grep -qF -- "$1" out || fail "$2 does not say '$1': $(cat out err)"; }

campaign campaign.yaml "sparsity: [0.5, 0.75]"
run_to() { "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out "$@" > log 2>&1 || fail "$(cat log)"; }
run_to A
run_to repeat
run_to B --set methods.h2o.recent=0.25

# One campaign, in every format.
observe compare A
expect_code 0 "one campaign"
shows "against dense: text, context 64" "one campaign"
shows "the unit is the document: n = 4 windows of 1 text." "one campaign"
shows "family of 4 tests, adjusted by Holm" "one campaign"
[ ! -s err ] || fail "one campaign: it complains: $(cat err)"
sed -n '/^delta:/,$p' out | expect_approved compare_notes
compare A > first && compare A > second && cmp -s first second || fail "two outputs for one input"
for format in markdown latex csv json; do
  observe compare A --format "$format" --pairs
  expect_code 0 "$format"
  [ -s out ] || fail "$format: nothing was printed"
done
observe compare A --format csv
head -1 out | tr , '\n' | expect_approved compare_csv_fields
[ "$(wc -l < out)" = 7 ] || fail "csv: $(wc -l < out) lines instead of 7"  # 4 against dense, 2 pairs
observe compare A --pairs
shows "methods against each other: text, context 64" "pairs"
# One table of all, and every bad layout of one.
observe compare A --pivot "method x sparsity"
expect_code 0 "a pivot"
expect_approved compare_pivot < out
for format in markdown latex csv json; do
  observe compare A --pivot "sparsity x method" --delta --digits 2 --format "$format"
  expect_code 0 "a pivot as $format"
  [ -s out ] || fail "a pivot as $format: nothing was printed"
done
refuses_compare pivot_one_axis A --pivot method
refuses_compare pivot_unknown_axis A --pivot "method x sparcity"
refuses_compare pivot_other_amount A --pivot "method x budget"
refuses_compare pivot_twice A --pivot "method x method"
refuses_compare pivot_pairs A --pivot "method x sparsity" --pairs
refuses_compare pivot_digits A --pivot "method x sparsity" --digits 10
refuses_compare delta_alone A --delta
observe compare A --baseline h2o --margin 5%
expect_code 0 "another baseline"
shows "against h2o: text" "another baseline"
shows "difference of 5 % of ppl" "another margin"
shows "not compared: h2o was run at several sparsities and not at 0.0" "another baseline"
# h2o ran at two sparsities: each method is held against it at its own.
field() {  # NAME FIELD FILE; the family, which comes first, has one comma in it
  awk -F, -v name="$1" -v field="$2" 'NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i + 1 }
    NR > 1 && $at["name"] == name { print $at[field] }' "$3"
}
compare A --baseline h2o --format csv > by_h2o
compare A --format csv > by_dense
for sparsity in 0.5 0.75; do
  ours=$(field "h2o_vs_streaming_llm_s$sparsity" delta_nll_nats by_h2o)
  [ -n "$ours" ] || fail "another baseline: no number at $sparsity: $(cat by_h2o)"
  difference=$(awk "BEGIN { print $(field "dense_vs_streaming_llm_s$sparsity" delta_nll_nats by_dense) \
    - $(field "dense_vs_h2o_s$sparsity" delta_nll_nats by_dense) - $ours }")
  awk "BEGIN { exit !($difference < 1e-9 && $difference > -1e-9) }" ||
    fail "another baseline: at $sparsity it is off by $difference"
done

# Margins of the configs: of two that differ one is taken, and it says so.
cp -r A margin_of_two
cp -r B margin_of_five
"$pressroom" run campaign.yaml --plugin-dir "$plugins" --out margin_of_two \
  --set margins.perplexity=0.02 > log 2>&1 || fail "$(cat log)"
"$pressroom" run campaign.yaml --plugin-dir "$plugins" --out margin_of_five \
  --set methods.h2o.recent=0.25 --set margins.perplexity=0.05 > log 2>&1 || fail "$(cat log)"
observe compare margin_of_two margin_of_five
shows "margins differ: perplexity is 0.05 in margin_of_five, and 0.02 is taken." "two margins"
shows "difference of 2 % of ppl" "two margins"
observe compare margin_of_two margin_of_five --margin 1%
! grep -qF "margins differ" out || fail "one margin for both: $(cat out)"

# A margin of one metric goes before that of all, in whichever order they are given; of two of a
# kind the last counts.
for margins in "--margin nll=0.05 --margin 1%" "--margin 1% --margin nll=0.05" \
  "--margin 1% --margin 5%"; do
  observe compare A $margins
  shows "difference of 5 % of ppl" "$margins"
done

# By a metric: the same tests, in its own family, in every format.
observe compare A --metric nll --metric nll --margin nll=5%
expect_code 2 "a margin in percent of a metric"
observe compare A --metric nll --margin nll=0.05
expect_code 0 "by a metric"
shows "nll against dense: text, context 64" "by a metric"
shows "difference of 5 % of ppl" "by a metric"
shows "Holm: nll: all methods x sparsities" "by a metric"
for format in plain markdown latex csv json; do
  observe compare A --metric nll --format "$format" --pairs
  expect_code 0 "by a metric, $format"
  [ -s out ] || fail "by a metric, $format: nothing was printed"
done
observe compare A --metric nll --format csv
head -1 out | tr , '\n' | expect_approved compare_metric_csv_fields
[ "$(wc -l < out)" = 7 ] || fail "by a metric, csv: $(wc -l < out) lines instead of 7"

# A campaign and its repetition; a campaign and one with another parameter.
observe compare A repeat
expect_code 0 "a repetition"
[ "$(sed -n '/^what changed/,/^$/p' out | grep -c 'identical$')" = 5 ] || fail "not identical: $(cat out)"
shows "h2o [A] -> h2o [repeat]" "a repetition"
observe compare A B
expect_code 0 "another parameter"
shows "methods.h2o.recent is" "another parameter"
sed -n '/^what changed/,/^$/p' out | grep -q '^streaming_llm \[A\] -> streaming_llm \[B\].*identical$' ||
  fail "what did not change is not identical: $(cat out)"
observe compare A --at-measured h2o
expect_code 2 "several sparsities of the method to meet"

# What was interpolated: the one method that has a sweep, or none.
campaign campaign.yaml "methods: [h2o]" "sparsity: [0.6]"
run_to met
campaign campaign.yaml "methods: [streaming_llm]" "sparsity: [0.5, 0.75]"
run_to swept
campaign campaign.yaml "methods: [streaming_llm]" "sparsity: [0.75]"
run_to unswept
observe compare met swept --at-measured h2o
expect_code 0 "one method read off"
shows "interpolated, not measured: every method below but dense [met] and h2o is read off" "one method read off"
grep -q "interpolated .*by tokens" out || fail "the column of kept fractions: $(cat out)"
observe compare met unswept --at-measured h2o
expect_code 0 "no method read off"
[ "$(head -1 out)" = "nothing is interpolated: no method but dense [met] and h2o could be read off its own sweep at what h2o kept." ] ||
  fail "no method read off: $(head -2 out)"
shows "not interpolated: streaming_llm kept only" "no method read off"
grep -q "measured .*by tokens" out || fail "the column of kept fractions: $(cat out)"

# Half-finished, and failed.
cp -r A half
rm half/h2o_s0.75_*.json
observe compare half
expect_code 0 "a half-finished campaign"
[ "$(head -1 out)" = "half-finished: 4 of 5 cells." ] || fail "half-finished: $(head -1 out)"
campaign campaign.yaml "methods: [h2o, throws_late]"
observe "$pressroom" run campaign.yaml --plugin-dir "$plugins" --out failed
observe compare failed
expect_code 1 "a campaign with a failed cell"
shows "incomplete: throws_late_s0.5, seed 1:" "a failed cell"

# Refusals.
refuses_compare compare_without_directory
refuses_compare compare_missing nowhere
refuses_compare compare_no_directory campaign.yaml
mkdir empty
refuses_compare compare_no_campaign empty
cp -r A old
rm old/plan.json
refuses_compare compare_another_version old
cp -r A none
rm none/*_seed1.json
refuses_compare compare_nothing_finished none
cp -r A damaged
sed -i 's/"sum_nll_nats": [0-9]/&0/' damaged/h2o_s0.5_ctx64_seed1.json
head -c 200 A/dense_s0.0_ctx64_seed1.json > damaged/dense_s0.0_ctx64_seed1.json
cp A/h2o_s0.5_ctx64_seed1.json damaged/h2o_s0.75_ctx64_seed1.json
refuses_compare compare_damaged A damaged
refuses_compare compare_twice A ./A

# Whatever a file holds, it does not steer the terminal. A plan of somebody else's, sealed anew: its
# content in one line without blanks, then the SHA-256 of that.
reseal() {
  local body
  body=$(sed -E 's/^ +//; s/^("[^"]*"): /\1:/' "$1" | tr -d '\n' | sed -E 's/,"sha256":"[^"]*"\}$/}/')
  printf '%s,"sha256":"%s"}' "${body%\}}" "$(printf '%s' "$body" | sha256sum | cut -c1-64)" > "$1"
}
cp -r A foreign
reseal foreign/plan.json
observe compare foreign
expect_code 0 "a plan that was sealed anew"
sed -i -E "s/(\"config_sha256\":)\"[^\"]*\"/\\1\"\\\\u001b[2Jgone$(printf '\xe2\x80\xae')\"/" foreign/plan.json
reseal foreign/plan.json
for command in "compare foreign" "report foreign" "watch foreign --once"; do
  # shellcheck disable=SC2086
  observe "$pressroom" $command
  expect_code 2 "$command of a hostile plan"
  grep -qF "content with SHA-256 \x1b[2Jgone\u202e" err || fail "$command: $(cat err)"
  ! grep -q -e $'\x1b' -e $'\xe2\x80\xae' out err || fail "$command: an escape reached the terminal"
done
cp -r A huge
sed -i -E 's/("count": )[0-9]+/\11000000000/' huge/h2o_s0.5_ctx64_seed1.json
reseal huge/h2o_s0.5_ctx64_seed1.json
for command in "compare huge" "report huge" "watch huge --once" "run huge/config.yaml --out huge"; do
  # shellcheck disable=SC2086
  observe "$pressroom" $command
  expect_code 2 "$command with a billion targets"
  grep -qF "the scored targets of a document are none that its window can have" err ||
    fail "$command: $(cat err)"
done
refuses_compare compare_baseline_unknown A --baseline h20
refuses_compare compare_margin A --margin 1
refuses_compare compare_format A --format markdwon
refuses_compare compare_metric_unknown A --metric nlll
refuses_compare compare_metric_without_direction A --metric kept_ratio
refuses_compare compare_metric_margin A --metric nll --margin nll=little
refuses_compare compare_margin_of_nothing A --margin ece=0.02
campaign campaign.yaml "protocol: {context: 32, documents: 4}"
run_to context
refuses_compare compare_other_contexts A context
campaign campaign.yaml "seeds: [2]"
run_to seed
refuses_compare compare_other_seeds A seed
observe compare --help
expect_code 0 help_compare
expect_approved help_compare < out
passed 13
