// significance_tests.json: every test of a campaign by name.
//
//   "dense_vs_h2o_s0.9": {
//     "family": "all methods x ... against dense, this campaign", "family_size": 6,
//     "difference": "mean nll of dense minus mean nll of h2o, nats per token",
//     "mean_difference": -0.042, "ci95": [-0.061, -0.023], "t_statistic": -4.6, "df": 23,
//     "p_value": 0.00012, "p_adjusted": 0.00073, "significant": true, "stars": "***",
//     "mean_difference_ppl": -1.42, "wilcoxon": {...}, "equivalence": {...}, "over_seeds": {...},
//     "verdict": "h2o against dense: worse by 11.4 % +- 2.1 %"
//   }
//
// As the name reads, a difference is that of the first minus the second: below zero when the first
// predicts better.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "stats/comparison.h"

namespace pressroom {

// Tests against the baseline first, then those between methods; then those of each of
// `report.metrics`, named "ece:dense_vs_h2o_s0.9", with "metric_unit" and "better" and without what
// is of perplexity alone. A number that there is none of -
// the p of a deterministic comparison, anything of an incomplete one - is null.
nlohmann::ordered_json significance_json(const ComparisonReport& report);

// A comparison as results.json tells it beside the method: its delta is that of the second minus
// the first, so that a positive number of nll is what the method costs; of a metric it is "delta"
// in the metric's own unit and direction, "better". `margin`: ComparisonReport::margin_of.
nlohmann::ordered_json delta_json(const Comparison& comparison, double margin);

}  // namespace pressroom
