// Everything that is asked of two methods on the same documents, beside the paired t-test.
//
//   const PairTests more = pair_tests(units, 0.01, family.tests(), 10000);
//   more.wilcoxon.p;                 // is there a difference, whatever the shape of the spread?
//   more.effect.cohen_dz;            // how large against the spread?
//   more.equivalence.p;              // is it within 1 % of perplexity?
//   std::exp(more.token_weighted);   // ratio of the perplexities as metrics report them
//   more.documents_needed;           // how many documents would resolve 1 %?
//
// The paired t-test decides what is called significant; these are read beside it.
// docs/statistics.md has all formulas.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/effect_size.h"
#include "stats/equivalence.h"
#include "stats/judge.h"
#include "stats/paired_t.h"
#include "stats/wilcoxon.h"

namespace pressroom {

// One unit - a distinct window - of a pairing.
struct PairedUnit {
  // Of the second minus the first: mean nll, nats per token, or the share of wrong answers.
  double difference = 0;
  std::int64_t targets = 0;  // scored tokens, or answers
};

struct PairTests {
  Wilcoxon wilcoxon;  // of the differences
  EffectSize effect;
  Equivalence equivalence;  // against bound_of(judge, margin), either way
  // Over the family, which pair_tests() does not know: filled in by compare().
  std::optional<double> p_equivalence_holm;
  // Log of the ratio of token-weighted perplexities: differences weighted by targets, or answers,
  // where the paired tests weigh documents alike. With its bootstrap interval over documents.
  double token_weighted = 0;
  std::optional<Interval> bootstrap_ci95;
  // Documents at which a true difference of the margin would be seen in 4 of 5 campaigns, at the
  // level that Holm's first step allows; absent without a variance.
  std::optional<std::int64_t> documents_needed;
};

// `units` have finite differences and at least one target each; none, one, or units that all differ
// by the same give no test of any kind. `margin` is of perplexity, or of the share of answers: 0.01
// asks whether it is within 1 %, or one answer in a hundred. `tests` is the number of tests in the
// family. The bootstrap is left out where `resamples` is 0. The same units give the same bits on
// any number of threads.
PairTests pair_tests(const std::vector<PairedUnit>& units, double margin, std::size_t tests,
                     std::int64_t resamples, Judge judge = Judge::kNll);

}  // namespace pressroom
