#include "stats/wilcoxon.h"

#include <algorithm>
#include <cmath>

namespace pressroom {
namespace {

// Ranks the sizes of what is not zero; equal sizes share the mean of their ranks. Returns the sum
// of t^3 - t over groups of t equal sizes.
double rank(const std::vector<double>& differences, Wilcoxon& test) {
  std::vector<double> ordered;
  for (const double difference : differences) {
    if (difference != 0) ordered.push_back(difference);
  }
  test.n = ordered.size();
  test.zeros = differences.size() - test.n;
  std::sort(ordered.begin(), ordered.end(),
            [](double a, double b) { return std::abs(a) < std::abs(b); });

  double ties = 0;
  for (std::size_t begin = 0; begin < ordered.size();) {
    std::size_t end = begin;
    while (end < ordered.size() && std::abs(ordered[end]) == std::abs(ordered[begin])) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) {
      (ordered[i] > 0 ? test.positive_rank_sum : test.negative_rank_sum) += rank;
    }
    const double t = static_cast<double>(end - begin);
    ties += t * t * t - t;
    begin = end;
  }
  test.ties = ties > 0;
  test.statistic = std::min(test.positive_rank_sum, test.negative_rank_sum);
  return ties;
}

// Twice the probability of a sum of at most `statistic` when each of the ranks 1..n is in the sum
// or not, evenly.
double exact_p(std::size_t n, double statistic) {
  std::vector<long double> probability(static_cast<std::size_t>(statistic) + 1, 0);
  probability[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    for (std::size_t sum = probability.size(); sum-- > 0;) {
      const long double with = sum >= rank ? probability[sum - rank] : 0;
      probability[sum] = 0.5L * (probability[sum] + with);
    }
  }
  long double total = 0;
  for (const long double p : probability) total += p;
  return static_cast<double>(std::min(1.0L, 2 * total));
}

double normal_p(std::size_t ranked, double statistic, double ties) {
  const double n = static_cast<double>(ranked);
  const double mean = n * (n + 1) / 4;
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
  return std::erfc(std::abs(statistic - mean) / std::sqrt(2 * variance));
}

bool counts_signs(const Wilcoxon& test, WilcoxonChoice choice) {
  if (test.ties || choice == WilcoxonChoice::kNormal) return false;
  return choice == WilcoxonChoice::kExact || (test.zeros == 0 && test.n <= kWilcoxonExact);
}

}  // namespace

const char* to_string(WilcoxonMethod method) {
  switch (method) {
    case WilcoxonMethod::kNone:
      return "none";
    case WilcoxonMethod::kExact:
      return "exact";
    case WilcoxonMethod::kNormal:
      return "normal, tie-corrected";
  }
  return "";
}

Wilcoxon wilcoxon(const std::vector<double>& differences, WilcoxonChoice choice) {
  Wilcoxon test;
  const double ties = rank(differences, test);
  if (test.n == 0) return test;
  const bool exact = counts_signs(test, choice);
  test.method = exact ? WilcoxonMethod::kExact : WilcoxonMethod::kNormal;
  test.p = exact ? exact_p(test.n, test.statistic) : normal_p(test.n, test.statistic, ties);
  return test;
}

}  // namespace pressroom
