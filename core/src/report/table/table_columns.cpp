#include "report/table/table_columns.h"

#include <algorithm>

#include "base/number_text.h"
#include "base/strings.h"
#include "pressroom/error.h"
#include "results/metric_names.h"
#include "stats/measure.h"

namespace pressroom {
namespace {

using Columns = std::vector<MetricColumn>;

const Columns& quality_columns() {
  static const Columns columns = {
      {metric_names::kKeptRatio, "kept", "", Direction::kNeither, 1, 3, 3},
      {metric_names::kMeanCacheEntries, "held", "mean", Direction::kNeither, 1, 3},
      {metric_names::kPeakCacheEntries, "held", "peak", Direction::kNeither, 1, 3},
      {metric_names::kExactMatch, "match", "%", Direction::kHigherIsBetter, 0.01, 0, 1},
      {metric_names::kPerplexity, "ppl", "", Direction::kLowerIsBetter, 1, 4},
  };
  return columns;
}

const Columns& cost_columns() {
  static const Columns columns = {
      {metric_names::kBitsPerByte, "bits/byte", "", Direction::kLowerIsBetter, 1, 4},
      // A single timing is too noisy to mark a best.
      {metric_names::kTokensPerSecond, "tokens/s", "", Direction::kNeither, 1, 3},
      {metric_names::kKvBytesPeak, "KV peak", "MB", Direction::kLowerIsBetter, kBytesPerMegabyte,
       3},
  };
  return columns;
}

const MetricValue* first_reported(const std::vector<CellResult>& results, const std::string& name) {
  for (const CellResult& cell : results) {
    if (const MetricValue* metric = cell.metric(name)) return metric;
  }
  return nullptr;
}

// How a metric is shown where core has no column of its own for it.
MetricColumn own_column(const MetricValue& metric) {
  return {metric.name, metric.name, metric.unit == "1" ? "" : metric.unit, metric.direction};
}

// The column of `name`; false where no cell has it.
bool find_column(const std::vector<CellResult>& results, const std::string& name,
                 MetricColumn& column) {
  const bool answers = name == metric_names::kExactMatch && Measure::kAnswers.is_in_any(results);
  const MetricValue* metric = first_reported(results, name);
  if (metric == nullptr && !answers) return false;
  for (const Columns* columns : {&quality_columns(), &cost_columns()}) {
    for (const MetricColumn& known : *columns) {
      if (known.name != name) continue;
      column = known;
      return true;
    }
  }
  column = own_column(*metric);
  return true;
}

std::string note_of(const MetricColumn& column, const ComparisonReport& report) {
  std::string note = column.name + ": ";
  if (column.direction == Direction::kNeither) return note + "neither more nor less is better.";
  note += column.direction == Direction::kLowerIsBetter ? "lower" : "higher";
  note += " is better; ";
  const ComparisonReport* own = report.of_metric(column.name);
  if (own == nullptr) return note + "it is told of whole cells alone, and not tested.";
  const auto tests = static_cast<std::int64_t>(own->to_baseline.tests());
  return note + "best by its own tests, Holm-adjusted; " + counted(tests, "test", "tests") +
         " against " + report.baseline + ": pressroom compare --metric " + column.name + ".";
}

// Whether `name` is a detail of another metric, as "held_evidence.l1h1" is of "held_evidence": of
// each layer and head there may be hundreds.
bool is_part_of_another(const std::vector<CellResult>& results, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot != std::string::npos && first_reported(results, name.substr(0, dot)) != nullptr;
}

void add_known(const std::vector<CellResult>& results, const Columns& known, Columns& columns) {
  for (const MetricColumn& column : known) {
    MetricColumn found;
    if (find_column(results, column.name, found)) columns.push_back(found);
  }
}

}  // namespace

std::vector<std::string> own_metrics(const std::vector<CellResult>& results) {
  std::vector<std::string> names;
  for (const std::string& name : reported_names(results)) {
    if (!metric_names::is_known(name)) names.push_back(name);
  }
  return names;
}

TableMetrics table_metrics(const std::vector<CellResult>& results,
                           const std::vector<std::string>& columns) {
  TableMetrics shown;
  shown.asked = !columns.empty();
  for (const std::string& name : columns) {
    MetricColumn column;
    if (find_column(results, name, column)) {
      shown.before.push_back(column);
    } else {
      shown.missing.push_back(name);
    }
  }
  if (shown.asked) return shown;
  add_known(results, quality_columns(), shown.before);
  for (const std::string& name : own_metrics(results)) {
    if (is_part_of_another(results, name)) continue;
    shown.after.push_back(own_column(*first_reported(results, name)));
  }
  add_known(results, cost_columns(), shown.after);
  return shown;
}

std::vector<std::string> metric_notes(const std::vector<CellResult>& results,
                                      const ComparisonReport& report, const TableMetrics& shown) {
  std::vector<std::string> notes;
  for (const Columns* columns : {&shown.before, &shown.after}) {
    for (const MetricColumn& column : *columns) {
      const bool is_tested = report.of_metric(column.name) != nullptr;
      if (!is_tested && metric_names::is_known(column.name)) continue;
      notes.push_back(note_of(column, report));
    }
  }
  for (const std::string& name : shown.missing) {
    const std::string near = closest_match(name, reported_names(results));
    notes.push_back("no cell has the metric " + name + ", which `columns` names" +
                    (near.empty() ? "." : ": did you mean " + near + "?"));
  }
  // A margin of what is not tested would be taken for heeded.
  const std::vector<std::string> testable = testable_names(results);
  for (const auto& [name, margin] : report.margins) {
    if (std::find(testable.begin(), testable.end(), name) != testable.end()) continue;
    if (is_judged_by(name)) continue;
    const std::string near = closest_match(name, testable);
    notes.push_back("no cell tells of " + name + " for each document, which `margins` names" +
                    (near.empty() ? "." : ": did you mean " + near + "?"));
  }
  return notes;
}

std::vector<std::string> tested_metrics(const std::vector<CellResult>& results,
                                        const std::vector<std::string>& columns) {
  const std::vector<std::string> testable = testable_names(results);
  std::vector<std::string> tested;
  for (const std::string& name : columns.empty() ? own_metrics(results) : columns) {
    const bool can_be = std::find(testable.begin(), testable.end(), name) != testable.end();
    if (can_be && !is_judged_by(name)) tested.push_back(name);
  }
  return tested;
}

}  // namespace pressroom
