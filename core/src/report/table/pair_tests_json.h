// The tests beside the paired t, as results.json and significance_tests.json tell them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "stats/comparison.h"

namespace pressroom {

enum class Orientation {
  kSecondMinusFirst,  // above zero: what the second costs
  kFirstMinusSecond,  // as the names of tests read
};

// Adds wilcoxon, cohen_dz, hedges_gz, equivalence, token_weighted_difference, bootstrap_ci95,
// documents_needed, over_seeds and partial to `json`; null for what there is not.
void add_pair_tests(const Comparison& comparison, double margin, Orientation orientation,
                    nlohmann::ordered_json& json);

}  // namespace pressroom
