#include "stats/pair_tests.h"

#include <algorithm>
#include <cmath>

#include "pressroom/error.h"
#include "stats/distribution_free.h"
#include "stats/significance.h"
#include "stats/t_tests.h"

namespace pressroom {
namespace {

bool repeats(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [&](double value) { return value == values.front(); });
}

bool finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

const char* why_no_test(const SeedTests& tests) {
  if (tests.seeds == 0) return "no seed has a result of both";
  if (tests.seeds == 1) return "one seed: no test over seeds";
  if (tests.deterministic) {
    return "every seed gave the same perplexities: repetitions, not observations";
  }
  return "every seed has the same difference: there is no variance to test against";
}

}  // namespace

PairTests pair_tests(const std::vector<PairedUnit>& units, double margin, std::size_t tests,
                     std::int64_t resamples, const Measure& judge) {
  std::vector<double> differences;
  std::vector<double> targets;
  for (const PairedUnit& unit : units) {
    differences.push_back(unit.difference);
    targets.push_back(static_cast<double>(unit.targets));
  }
  const PairedTest paired = paired_test(differences);
  const double level = kSignificanceLevel / static_cast<double>(std::max<std::size_t>(1, tests));

  PairTests result;
  result.wilcoxon = wilcoxon(differences);
  result.effect = effect_size(paired);
  result.token_weighted = weighted_mean(differences, targets);
  result.bootstrap_ci95 = bootstrap_interval(differences, targets, resamples);
  if (margin == 0) return result;
  const double bound = bound_of(judge, margin);
  result.equivalence = equivalence(paired, bound);
  result.documents_needed = documents_needed(paired.sd, bound, level);
  return result;
}

SeedTests seed_tests(const std::vector<double>& first_ppl, const std::vector<double>& second_ppl) {
  PRESSROOM_ASSERT(first_ppl.size() == second_ppl.size());
  SeedTests tests;
  tests.seeds = first_ppl.size();
  if (!finite(first_ppl) || !finite(second_ppl)) {
    tests.paired.no_test = "a perplexity is not a finite number";
    return tests;
  }
  std::vector<double> differences;
  for (std::size_t i = 0; i < first_ppl.size(); ++i) {
    differences.push_back(first_ppl[i] - second_ppl[i]);
  }
  // To the last bit: of seeds that repeat one result, a t is rounding over rounding.
  tests.deterministic = tests.seeds > 1 && repeats(first_ppl) && repeats(second_ppl);
  tests.paired = paired_test(differences);
  tests.mean_difference_ppl = tests.paired.mean;
  if (!tests.paired.p) tests.paired.no_test = why_no_test(tests);
  if (!tests.deterministic) tests.welch = welch(first_ppl, second_ppl);
  return tests;
}

}  // namespace pressroom
