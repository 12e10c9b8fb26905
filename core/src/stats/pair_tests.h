// Everything that is asked of two methods on the same documents, beside the paired t-test.
//
//   const PairTests more = pair_tests(units, 0.01, family.tests(), 10000);
//   more.wilcoxon.p;                 // is there a difference, whatever the shape of the spread?
//   more.effect.cohen_dz;            // how large against the spread?
//   more.equivalence.p;              // is it within 1 % of perplexity?
//   std::exp(more.token_weighted);   // ratio of the perplexities as metrics report them
//   more.documents_needed;           // how many documents would resolve 1 %?
//
//   seed_tests(first_ppl, second_ppl).paired.p;   // with the seed as the unit, as a study does
//
// The paired t-test decides what is called significant; these are read beside it.
// docs/statistics.md has all formulas.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "stats/distribution_free.h"
#include "stats/significance.h"
#include "stats/t_tests.h"

namespace pressroom {

// One unit - a distinct window - of a pairing.
struct PairedUnit {
  // Of the second minus the first, above zero where the second is worse: mean nll, nats per token,
  // the share of wrong answers, or a metric in its unit, turned where higher is better.
  double difference = 0;
  std::int64_t targets = 0;  // scored tokens, or answers; 1 of a metric
};

struct PairTests {
  Wilcoxon wilcoxon;  // of the differences
  EffectSize effect;
  Equivalence equivalence;  // against bound_of(judge, margin), either way
  // Over the family, which pair_tests() does not know: filled in by compare().
  std::optional<double> p_equivalence_holm;
  // Log of the ratio of token-weighted perplexities: differences weighted by targets, or answers,
  // where the paired tests weigh documents alike; of a metric the mean difference. With its
  // bootstrap interval over documents.
  double token_weighted = 0;
  std::optional<Interval> bootstrap_ci95;
  // Documents at which a true difference of the margin would be seen in 4 of 5 campaigns, at the
  // level that Holm's first step allows; absent without a variance.
  std::optional<std::int64_t> documents_needed;
};

// `units` have finite differences and at least one target each; none, one, or units that all differ
// by the same give no test of any kind. `margin` is of perplexity, or of the share of answers: 0.01
// asks whether it is within 1 %, or one answer in a hundred; of a metric it is in its own unit. 0:
// none was given, and there are no equivalence test and no documents needed. `tests` is the number
// of tests in the family. The bootstrap is left out where `resamples` is 0. The same units give the
// same bits on any number of threads.
PairTests pair_tests(const std::vector<PairedUnit>& units, double margin, std::size_t tests,
                     std::int64_t resamples, const Measure& judge = {});

// Tests with the seed as the unit, as the generation study makes them: each seed's perplexity is
// one observation. Beside the tests over documents, never instead: seeds that repeat the same
// windows with a deterministic method are one observation, and are said to be.
//
//   seed_tests({20.1, 20.9, 20.4}, {20.6, 21.1, 21.2}).paired.p  ->  0.10, two degrees of freedom
//   seed_tests({20.1, 20.1, 20.1}, {20.6, 20.6, 20.6})           ->  deterministic, no p
struct SeedTests {
  std::size_t seeds = 0;
  // Mean over seeds of the perplexity of the first minus that of the second: the study's
  // "Mean difference".
  double mean_difference_ppl = std::numeric_limits<double>::quiet_NaN();
  PairedTest paired;           // of first minus second, over seeds
  Welch welch;                 // the study's unpaired test; absent p when there is no variance
  bool deterministic = false;  // every seed gave the same perplexities: no test of any kind
};

// Perplexities by seed, the same seeds in the same order on both sides. Where there is no paired
// test, `paired.no_test` says why: one seed, repetitions, a constant difference, a perplexity that
// is not finite (then there are no means either).
SeedTests seed_tests(const std::vector<double>& first_ppl, const std::vector<double>& second_ppl);

}  // namespace pressroom
