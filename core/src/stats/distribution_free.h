// Two methods on the same documents without assuming any shape of their differences, beside the
// paired t-test, which does: Wilcoxon's test and the bootstrap.
//
//   wilcoxon(differences).p;                             // is there a difference?
//   bootstrap_interval(differences, targets, 10000);     // how large is the weighted mean?
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stats/t_tests.h"

namespace pressroom {

// Where a p-value comes from.
enum class WilcoxonMethod {
  kNone,    // nothing to rank: no p
  kExact,   // counted over all 2^n signs
  kNormal,  // normal approximation, variance corrected for ties, no continuity correction
};

// "none", "exact", "normal, tie-corrected".
const char* to_string(WilcoxonMethod method);

enum class WilcoxonChoice {
  kAutomatic,  // exact for at most kWilcoxonExact differences without ties or zeros, else normal
  kExact,      // exact for any n and with zeros; normal nevertheless when there are ties
  kNormal,
};

constexpr std::size_t kWilcoxonExact = 25;

struct Wilcoxon {
  std::size_t n = 0;             // differences that were ranked: those that are not zero
  std::size_t zeros = 0;         // and those that are, which were dropped
  bool ties = false;             // two differences of one size; their ranks are averaged
  double positive_rank_sum = 0;  // of the sizes of the differences above zero
  double negative_rank_sum = 0;  // and below
  double statistic = 0;          // the smaller rank sum
  std::optional<double> p;       // two-sided; absent when no difference is left
  WilcoxonMethod method = WilcoxonMethod::kNone;
};

// Wilcoxon's signed-rank test: do two methods differ on the same documents, whatever the shape of
// the differences?
//
//   const Wilcoxon test = wilcoxon({0.02, -0.01, 0.04, 0.03});
//   test.statistic;          // 1: the rank of the only negative difference
//   *test.p;                 // 0.25, two-sided
//   to_string(test.method);  // "exact"
//
// Beside the paired t-test, which it backs up where a few documents are far from the others: it
// looks at the order of the sizes of the differences and not at the sizes. (Wilcoxon, Biometrics
// Bulletin 1, 1945, p. 80.)
//
// Tests whether `differences`, one per unit and all finite, lie symmetrically about zero. Sizes tie
// when they are equal to the last bit.
Wilcoxon wilcoxon(const std::vector<double>& differences,
                  WilcoxonChoice choice = WilcoxonChoice::kAutomatic);

constexpr std::uint64_t kBootstrapSeed = 20'240'229;

// sum of values[i] weights[i] over the sum of the weights, which are above zero; 0 for none.
double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights);

// An interval for a weighted mean that assumes no shape of the differences.
//
//   const auto interval = bootstrap_interval(differences, targets, 10000);
//   std::exp(interval->low);  // of the ratio of token-weighted perplexities
//
// Documents are drawn again with replacement, as many as there are, and the mean taken anew; the
// interval spans from the 2.5 % to the 97.5 % point of these means (the percentile bootstrap: Efron
// and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3). It is too narrow for few
// documents: by about sqrt((n - 1) / n), and more where the tails of t matter. Below some 20
// documents trust the interval of the t-test.
//
// The 95 % interval of weighted_mean(values, weights), one value and weight per document. Absent
// for less than two documents or `resamples` below 1. The documents drawn depend on their number
// and on kBootstrapSeed alone: the same input gives the same bits on any number of threads, and two
// comparisons of as many documents share their draws.
std::optional<Interval> bootstrap_interval(const std::vector<double>& values,
                                           const std::vector<double>& weights,
                                           std::int64_t resamples);

}  // namespace pressroom
