#include "stats/pair_tests.h"

#include <algorithm>

#include "stats/bootstrap.h"
#include "stats/power.h"
#include "stats/stars.h"

namespace pressroom {

PairTests pair_tests(const std::vector<PairedUnit>& units, double margin, std::size_t tests,
                     std::int64_t resamples, Judge judge) {
  std::vector<double> differences;
  std::vector<double> targets;
  for (const PairedUnit& unit : units) {
    differences.push_back(unit.difference);
    targets.push_back(static_cast<double>(unit.targets));
  }
  const PairedTest paired = paired_test(differences);
  const double bound = bound_of(judge, margin);
  const double level = kSignificanceLevel / static_cast<double>(std::max<std::size_t>(1, tests));

  PairTests result;
  result.wilcoxon = wilcoxon(differences);
  result.effect = effect_size(paired);
  result.equivalence = equivalence(paired, bound);
  result.token_weighted = weighted_mean(differences, targets);
  result.bootstrap_ci95 = bootstrap_interval(differences, targets, resamples);
  result.documents_needed = documents_needed(paired.sd, bound, level);
  return result;
}

}  // namespace pressroom
