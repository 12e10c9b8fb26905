// Rates: how many of so many questions were right, and whether two methods differ in that.
//
//   rate(22, 24).wilson95                  // 0.742 to 0.977
//   mcnemar(12, 3)                         // p 0.035: of 15 questions that differ, 12 to 3
//   questions_needed(0.2, 0.05, 0.05)      // 626: to see 5 points where a fifth of them differ
//   least_difference(200, 0.2, 0.05)       // 0.0881: what 200 of them show
//
// All of it takes the questions for independent. docs/statistics.md has the formulas, and what that
// is worth where several questions are about one text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stats/t_tests.h"

namespace pressroom {

struct Rate {
  std::size_t right = 0;
  std::size_t asked = 0;
  Interval wilson95;  // of the share, within 0 .. 1: Wilson, JASA 22, 1927

  double share() const { return static_cast<double>(right) / static_cast<double>(asked); }
};

// `asked` is above 0, `right` at most that.
Rate rate(std::size_t right, std::size_t asked);

// The exact test of McNemar (Psychometrika 12, 1947) on questions that two methods were asked:
// two-sided p of `first_only` right by the first alone and `second_only` by the second alone, by
// the binomial distribution with probability 1/2. Absent where both are 0: nothing tells the two
// apart.
std::optional<double> mcnemar(std::size_t first_only, std::size_t second_only);

// How many questions show a true difference of two rates in a share `power` of all campaigns, by
// McNemar's test at `alpha`, where a share `differing` of the questions is right by one of the two
// methods alone (Connor, Biometrics 43, 1987; normal approximation, so that the exact test needs a
// few more). A `differing` below the difference is taken for it. kMostDocuments where more are
// needed; absent where `differing` is not above 0.
std::optional<std::int64_t> questions_needed(double differing, double difference, double alpha,
                                             double power = kPower);

// The same the other way round: the smallest difference that so many questions show. Absent where
// they show none, though all that differ went one way.
std::optional<double> least_difference(std::size_t questions, double differing, double alpha,
                                       double power = kPower);

}  // namespace pressroom
