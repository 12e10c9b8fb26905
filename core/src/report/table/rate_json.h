// Rates as results.json, significance_tests.json and `compare --format json` tell them.
//
//   "rate": {"questions": 240, "right": 123, "wilson95": [0.450, 0.575]}
//   "questions": {"first": {...}, "second": {...}, "both_right": 40, "first_only": 83, ...,
//                 "mcnemar_p": 3.1e-20, "mcnemar_p_adjusted": 3.7e-19, ...}
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "stats/question_tests.h"

namespace pressroom {

nlohmann::ordered_json rate_json(const Rate& rate);

// null for what there is none of.
nlohmann::ordered_json questions_json(const QuestionTests& tests);

}  // namespace pressroom
