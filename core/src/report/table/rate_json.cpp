#include "report/table/rate_json.h"

#include <nlohmann/json.hpp>

#include "base/number_text.h"

namespace pressroom {

nlohmann::ordered_json rate_json(const Rate& rate) {
  return {{"questions", rate.asked},
          {"right", rate.right},
          {"wilson95", {rate.wilson95.low, rate.wilson95.high}}};
}

nlohmann::ordered_json questions_json(const QuestionTests& tests) {
  return {{"first", rate_json(tests.first())},
          {"second", rate_json(tests.second())},
          {"both_right", tests.both_right},
          {"first_only", tests.first_only},
          {"second_only", tests.second_only},
          {"neither_right", tests.neither_right},
          {"mcnemar_p", json_number(tests.p)},
          {"mcnemar_p_adjusted", json_number(tests.p_holm)},
          {"questions_needed", json_count(tests.questions_needed)},
          {"least_difference", json_number(tests.least_difference)}};
}

}  // namespace pressroom
