#include "report/table/rate_cells.h"

#include "base/number_text.h"
#include "results/metric_names.h"
#include "stats/question_tests.h"

namespace pressroom {

TableCell rate_cell(const CellGroup& group, const std::string& metric) {
  const std::optional<Rate> rate = rate_of(group, metric);
  if (!rate) return {};
  const bool percent = metric == metric_names::kExactMatch;
  const double scale = percent ? 100 : 1;
  const int decimals = percent ? 1 : 3;
  return {"[" + fixed(scale * rate->wilson95.low, decimals) + ", " +
              fixed(scale * rate->wilson95.high, decimals) + "]",
          {},
          false};
}

TableCell mcnemar_cell(const Comparison& comparison) {
  if (!comparison.questions || !comparison.questions->p_holm) return {};
  const double p = *comparison.questions->p_holm;
  return {significant(p, 2), p, false};
}

std::string rate_note(bool tested) {
  const std::string intervals = "Wilson 95 %: interval of the rate, every question once";
  const std::string independent = "questions for independent, which those about one text are not: ";
  if (!tested) return intervals + "; it takes " + independent + "tests go by documents.";
  return intervals + ". McNemar: exact, of the questions that one of the two alone has right, " +
         "Holm-adjusted over the same families. Both take " + independent +
         "verdicts go by documents.";
}

std::vector<std::pair<const char*, std::string>> question_fields(const Comparison& comparison) {
  std::vector<std::pair<const char*, std::string>> fields = {
      {"n_questions", ""},        {"first_right", ""},        {"first_wilson_low", ""},
      {"first_wilson_high", ""},  {"second_right", ""},       {"second_wilson_low", ""},
      {"second_wilson_high", ""}, {"first_only_right", ""},   {"second_only_right", ""},
      {"mcnemar_p", ""},          {"mcnemar_p_adjusted", ""}, {"questions_needed", ""},
      {"least_difference", ""}};
  if (!comparison.questions) return fields;
  const QuestionTests& tests = *comparison.questions;
  const Rate first = tests.first();
  const Rate second = tests.second();
  const std::vector<std::string> values = {
      std::to_string(tests.questions()),
      std::to_string(first.right),
      exact(first.wilson95.low),
      exact(first.wilson95.high),
      std::to_string(second.right),
      exact(second.wilson95.low),
      exact(second.wilson95.high),
      std::to_string(tests.first_only),
      std::to_string(tests.second_only),
      csv_number(tests.p),
      csv_number(tests.p_holm),
      tests.questions_needed ? std::to_string(*tests.questions_needed) : "",
      csv_number(tests.least_difference)};
  for (std::size_t i = 0; i < fields.size(); ++i) fields[i].second = values[i];
  return fields;
}

}  // namespace pressroom
