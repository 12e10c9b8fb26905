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
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/paired_t.h"

namespace pressroom {

constexpr std::uint64_t kBootstrapSeed = 20'240'229;

// sum of values[i] weights[i] over the sum of the weights, which are above zero; 0 for none.
double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights);

// The 95 % interval of weighted_mean(values, weights), one value and weight per document. Absent
// for less than two documents or `resamples` below 1. The documents drawn depend on their number
// and on kBootstrapSeed alone: the same input gives the same bits on any number of threads, and two
// comparisons of as many documents share their draws.
std::optional<Interval> bootstrap_interval(const std::vector<double>& values,
                                           const std::vector<double>& weights,
                                           std::int64_t resamples);

}  // namespace pressroom
