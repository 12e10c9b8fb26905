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
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

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

// Tests whether `differences`, one per unit and all finite, lie symmetrically about zero. Sizes tie
// when they are equal to the last bit.
Wilcoxon wilcoxon(const std::vector<double>& differences,
                  WilcoxonChoice choice = WilcoxonChoice::kAutomatic);

}  // namespace pressroom
