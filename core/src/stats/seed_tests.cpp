#include "stats/seed_tests.h"

#include <algorithm>
#include <cmath>

#include "pressroom/error.h"

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
  tests.deterministic = tests.seeds > 1 && repeats(first_ppl) && repeats(second_ppl);
  tests.paired = paired_test(differences);
  tests.mean_difference_ppl = tests.paired.mean;
  if (!tests.paired.p) tests.paired.no_test = why_no_test(tests);
  if (!tests.deterministic) tests.welch = welch(first_ppl, second_ppl);
  return tests;
}

}  // namespace pressroom
