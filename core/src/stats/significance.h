// When a difference counts: which p-values are significant, and which differences are too small to
// care about.
//
//   const auto adjusted = holm({0.01, 0.04, 0.03});   // {0.03, 0.06, 0.06}: of a whole family
//   stars(adjusted[0]);                               // "*"
//   bound_of(Measure::kNll, 0.01);                    // 1 % of perplexity in nats
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "stats/measure.h"

namespace pressroom {

constexpr double kSignificanceLevel = 0.05;

// Significance as the studies print it: *** p < .001, ** p < .01, * p < .05.
// "" when `p` is absent (no test) or not below .05. Give it the adjusted p.
inline const char* stars(const std::optional<double>& p) {
  if (!p) return "";
  if (*p < 0.001) return "***";
  if (*p < 0.01) return "**";
  return *p < kSignificanceLevel ? "*" : "";
}

// Holm's step-down correction: p-values that can be held against one level for a whole family.
//
// The adjusted p-values, in the order of `p`. With p(1) <= ... <= p(m) the adjusted p(i) is the
// largest of (m - j + 1) p(j) over j <= i, and at most 1. Entries without a p (no test was made)
// stay without and do not count towards m.
std::vector<std::optional<double>> holm(const std::vector<std::optional<double>>& p);

// A margin of perplexity as a difference of mean nll: log(1 + margin), nats. 0.01 is 1 %.
inline double margin_in_nats(double margin) { return std::log1p(margin); }

// What counts as the same, as a difference of what is tested: `margin` of perplexity in nats; of
// the share of answers, or in a metric's own unit, as it is.
inline double bound_of(const Measure& measure, double margin) {
  return measure.scale == Measure::Scale::kPerplexity ? margin_in_nats(margin) : margin;
}

}  // namespace pressroom
