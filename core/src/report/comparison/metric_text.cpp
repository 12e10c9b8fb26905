#include "report/comparison/metric_text.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"
#include "base/strings.h"
#include "stats/metric_summary.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

constexpr int kMostPlaces = 6;  // beyond, digits of the number itself

std::string signed_number(double value, int decimals) {
  const std::string text = decimals > kMostPlaces ? significant(value, 3) : fixed(value, decimals);
  return value > 0 ? "+" + text : text;
}

// How the cells of the view pool the metric: "mean over targets"; "" where they do not agree.
std::string pooling_of(const ComparisonView& view, const std::string& name) {
  std::string pooling;
  for (const CellGroup& group : view.groups()) {
    for (const CellResult* cell : group.cells) {
      const MetricValue* metric = cell->metric(name);
      if (metric == nullptr) continue;
      if (!pooling.empty() && pooling != metric->aggregation) return "";
      pooling = metric->aggregation;
    }
  }
  return pooling;
}

}  // namespace

const Measure* own_measure(const ComparisonReport& report) {
  const bool is_own = report.measure && report.measure->scale == Measure::Scale::kOwn;
  return is_own ? &*report.measure : nullptr;
}

std::optional<double> measured_by(const Measure& measure, const CellGroup* group) {
  if (group == nullptr) return std::nullopt;
  return mean_over_seeds(*group,
                         [&measure](const CellResult& cell) { return measure.pooled(cell); });
}

std::string metric_change_text(const Comparison& comparison) {
  if (comparison.test.n == 0) return "";
  const double change = comparison.told();
  const std::optional<Interval> interval = comparison.told_ci95();
  if (!interval) return (change > 0 ? "+" : "") + significant(change, 3);
  const int decimals = percent_decimals(comparison, kMostPlaces + 1);
  return signed_number(change, decimals) + " [" + signed_number(interval->low, decimals) + ", " +
         signed_number(interval->high, decimals) + "]";
}

std::string head_unit(const Measure& measure) { return measure.unit == "1" ? "" : measure.unit; }

std::vector<std::string> metric_reading(const ComparisonView& view, const Measure& measure,
                                        bool both) {
  const std::string pooling = pooling_of(view, measure.name);
  const std::string unit = head_unit(measure);
  return {measure.name + ": " + measure.better() + " is better" +
              (unit.empty() ? "" : ", in " + unit) + "; a cell's is " +
              (pooling.empty() ? "as its metric pools it" : pooling) + ", mean over seeds.",
          "delta " + measure.name + ": of the method minus " + view.report().baseline +
              (both ? ", of the second minus the first" : "") + "; " +
              (measure.turns() ? "below" : "above") +
              " zero is worse. Every document weighs the same; 95 % interval of the paired t."};
}

std::vector<std::string> metric_margin_notes(const ComparisonReport& report,
                                             const Measure& measure) {
  std::vector<std::string> notes;
  const double margin = report.margin_of(measure);
  if (margin > 0) {
    const std::string text = margin_text(margin, measure);
    notes.push_back("equivalent: two one-sided t-tests reject a difference of " + text + " of " +
                    measure.name + " or more, adjusted in the same families.");
    notes.push_back("needs about N documents: to see a true difference of " + text +
                    " in 4 of 5 campaigns.");
  } else {
    notes.push_back("no margin of " + measure.name + " was given (--margin " + measure.name +
                    "=X, or `margins:` in the config): nothing is tested for equivalence, and no "
                    "number of documents is told.");
  }
  if (!report.left_out.empty()) {
    notes.push_back("no cell has " + measure.name + " on " + joined(report.left_out, "; ") +
                    ": left out.");
  }
  return notes;
}

}  // namespace pressroom
