// Tests with the seed as the unit, as the generation study makes them: each seed's perplexity is
// one observation. Beside the tests over documents, never instead: seeds that repeat the same
// windows with a deterministic method are one observation, and are said to be.
//
//   seed_tests({20.1, 20.9, 20.4}, {20.6, 21.1, 21.2}).paired.p  ->  0.10, two degrees of freedom
//   seed_tests({20.1, 20.1, 20.1}, {20.6, 20.6, 20.6})           ->  deterministic, no p
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "stats/paired_t.h"
#include "stats/welch.h"

namespace pressroom {

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
