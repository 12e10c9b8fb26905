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

// What a number of the measure is shown in: answers in percent.
double scale_of(const Measure& judge) { return judge.scale == Measure::Scale::kShare ? 100 : 1; }

// Of the group's cells, the mean over seeds; absent where none has it.
std::optional<double> pooled_value(const FigureRow& row, const Measure& judge) {
  if (judge.scale == Measure::Scale::kPerplexity) return measured(&row.group).token_weighted_ppl;
  double sum = 0;
  double cells = 0;
  for (const CellResult* cell : row.group.cells) {
    const std::optional<double> value = judge.pooled(*cell);
    if (!value) continue;
    sum += *value;
    ++cells;
  }
  if (cells == 0) return std::nullopt;
  return scale_of(judge) * sum / cells;
}

}  // namespace

PivotMeasure pivot_measure(const Measure& judge) {
  if (judge.scale == Measure::Scale::kShare) return {judge, "exact match", "%", "points"};
  if (judge.scale == Measure::Scale::kPerplexity) return {judge, "perplexity", "", "%"};
  const std::string unit = judge.unit == "1" ? "" : judge.unit;
  return {judge, judge.name, unit, unit};
}

PivotNumber pivot_value(const FigureRow& row, const PivotMeasure& measure) {
  PivotNumber number;
  number.value = pooled_value(row, measure.judge);
  if (!number.value || !is_tested(row, measure) || !row.comparison->test.ci95) return number;
  const Comparison& comparison = *row.comparison;
  const Interval ends = *comparison.told_ci95();
  const double low = ends.low - comparison.told();
  const double high = ends.high - comparison.told();
  const double scale = scale_of(measure.judge);
  number.ci95 = measure.judge.scale == Measure::Scale::kPerplexity
                    ? Interval{*number.value * std::exp(low), *number.value * std::exp(high)}
                    : Interval{*number.value + scale * low, *number.value + scale * high};
  return number;
}

bool has_all_seeds(const FigureRow& row, const PivotMeasure& measure) {
  const std::vector<const CellResult*>& cells = row.group.cells;
  return row.group.complete() &&
         std::all_of(cells.begin(), cells.end(), [&measure](const CellResult* cell) {
           return measure.judge.pooled(*cell).has_value();
         });
}

PivotNumber pivot_change(const FigureRow& row, const PivotMeasure& measure) {
  if (!is_tested(row, measure)) return {};
  const Comparison& comparison = *row.comparison;
  const auto told = [&measure](double difference) {
    return measure.judge.scale == Measure::Scale::kPerplexity
               ? percent_of_ppl(difference)
               : scale_of(measure.judge) * difference;
  };
  PivotNumber number = {told(comparison.told()), comparison.told_ci95()};
  if (number.ci95) number.ci95 = Interval{told(number.ci95->low), told(number.ci95->high)};
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
