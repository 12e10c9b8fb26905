// Are two methods the same, as far as anyone cares? Two one-sided t-tests against a margin.
//
//   const Equivalence same = equivalence(paired_test(differences), margin_in_nats(0.01));
//   if (same.p && *same.p < 0.05) ...  // perplexities are within 1 % of each other
//
// A test that finds no difference has not shown that there is none. This one asks the other way
// round: its null hypothesis is a difference of the margin or more, on either side, and rejecting
// it shows that the difference is smaller. (Schuirmann, J. Pharmacokinetics and Biopharmaceutics
// 15, 1987.)
#pragma once

#include <optional>

#include "stats/paired_t.h"

namespace pressroom {

// A margin of perplexity as a difference of mean nll: log(1 + margin), nats. 0.01 is 1 %.
double margin_in_nats(double margin);

// t and p are absent when the differences have no variance or are fewer than two.
struct Equivalence {
  double bound_nats = 0;          // the test is against -bound_nats and +bound_nats
  std::optional<double> t_lower;  // (mean + bound) / standard error: large when far above -bound
  std::optional<double> t_upper;  // (mean - bound) / standard error: far below zero likewise
  std::optional<double> p;        // the larger of the two one-sided p-values
};

// Tests the mean of `test` against +-`bound_nats`, which is above zero.
Equivalence equivalence(const PairedTest& test, double bound_nats);

}  // namespace pressroom
