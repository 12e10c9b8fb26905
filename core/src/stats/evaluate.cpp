#include "stats/evaluate.h"

namespace pressroom {

void evaluate(const Pairing& pairing, Comparison& result) {
  result.reason = pairing.incomplete;
  result.partial = pairing.partial;
  if (!pairing.incomplete.empty()) return;
  std::vector<double> differences;
  for (const PairedUnit& unit : pairing.units) differences.push_back(unit.difference);
  result.test = paired_test(differences);
  if (result.judge != Judge::kNll) result.nll_test = paired_test(pairing.nll);
  result.equal = pairing.equal();
  result.over_seeds = seed_tests(pairing.first_ppl, pairing.second_ppl);
  result.reason = result.test.no_test;
  result.status = result.test.deterministic ? ComparisonStatus::kDeterministic
                  : result.test.p           ? ComparisonStatus::kTested
                                            : ComparisonStatus::kTooFew;
}

}  // namespace pressroom
