#include "report/pivot/pivot_number.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"
#include "report/comparison/comparison_view.h"
#include "stats/metric_summary.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

bool is_tested(const FigureRow& row, const PivotMeasure& measure) {
  const Comparison* comparison = row.comparison;
  return comparison != nullptr && comparison->judge == measure.judge && comparison->test.n > 0;
}

}  // namespace

PivotMeasure pivot_measure(Judge judge) {
  if (judge == Judge::kAnswers) return {judge, "exact match", "%", "points"};
  return {judge, "perplexity", "", "%"};
}

PivotNumber pivot_value(const FigureRow& row, const PivotMeasure& measure) {
  PivotNumber number;
  if (measure.judge == Judge::kAnswers) {
    number.value = exact_match(row.group);
    if (number.value) *number.value *= 100;
  } else {
    number.value = measured(&row.group).token_weighted_ppl;
  }
  if (!number.value || !is_tested(row, measure) || !row.comparison->test.ci95) return number;
  const PairedTest& test = row.comparison->test;
  const double low = test.ci95->low - test.mean;
  const double high = test.ci95->high - test.mean;
  // Of wrong answers, whose share falls where that of right ones rises.
  number.ci95 = measure.judge == Judge::kAnswers
                    ? Interval{*number.value - 100 * high, *number.value - 100 * low}
                    : Interval{*number.value * std::exp(low), *number.value * std::exp(high)};
  return number;
}

PivotNumber pivot_change(const FigureRow& row, const PivotMeasure& measure) {
  if (!is_tested(row, measure)) return {};
  const Comparison& comparison = *row.comparison;
  if (measure.judge == Judge::kAnswers) {
    PivotNumber number = {100 * comparison.match_difference(), comparison.match_ci95()};
    if (number.ci95) number.ci95 = Interval{100 * number.ci95->low, 100 * number.ci95->high};
    return number;
  }
  PivotNumber number = {percent_of_ppl(comparison.test.mean), comparison.test.ci95};
  if (number.ci95) {
    number.ci95 = Interval{percent_of_ppl(number.ci95->low), percent_of_ppl(number.ci95->high)};
  }
  return number;
}

PivotText pivot_text(const PivotNumber& number, bool is_share, std::optional<int> digits,
                     bool with_sign) {
  if (!number.value) return {};
  const double value = *number.value;
  PivotText text;
  text.number = digits ? fixed(value, *digits) : is_share ? fixed(value, 1) : significant(value, 4);
  // What rounds to zero is neither above nor below it.
  const bool is_zero = text.number.find_first_of("123456789") == std::string::npos;
  if (is_zero && text.number.front() == '-') text.number.erase(0, 1);
  const std::size_t point = text.number.find('.');
  const std::size_t decimals = point == std::string::npos ? 0 : text.number.size() - point - 1;
  if (with_sign && value > 0 && !is_zero) text.number.insert(0, 1, '+');
  if (!number.ci95 || !std::isfinite(value)) return text;
  const double half = std::max(number.ci95->high - value, value - number.ci95->low);
  const bool scientific = text.number.find('e') != std::string::npos;
  text.half_width = scientific ? significant(half, 2) : fixed(half, static_cast<int>(decimals));
  if (half > 0 && text.half_width.find_first_of("123456789") == std::string::npos) {
    text.half_width = significant(half, 1);
  }
  return text;
}

}  // namespace pressroom
