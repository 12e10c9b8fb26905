#include "stats/measure.h"

#include <algorithm>

#include "base/strings.h"
#include "pressroom/error.h"
#include "stats/metric_summary.h"

namespace pressroom {

const Measure Measure::kNll = {};
const Measure Measure::kAnswers = {metric_names::kExactMatch, "1", Direction::kHigherIsBetter,
                                   Measure::Scale::kShare};

namespace {

bool asks(const CellResult& cell) {
  return std::any_of(cell.documents.begin(), cell.documents.end(),
                     [](const DocumentResult& document) { return document.answers > 0; });
}

// What the cells report under one name.
struct Reported {
  const MetricValue* metric = nullptr;  // the first that tells of documents, else the first
  bool of_documents = false;
};

Reported reported(const std::vector<CellResult>& results, const std::string& name) {
  Reported found;
  for (const CellResult& cell : results) {
    const MetricValue* metric = cell.metric(name);
    if (metric == nullptr || found.of_documents) continue;
    found.of_documents = !metric->documents.empty();
    if (found.metric == nullptr || found.of_documents) found.metric = metric;
  }
  return found;
}

}  // namespace

bool Measure::is_in(const CellResult& cell) const {
  if (scale == Scale::kPerplexity) return !cell.documents.empty();
  return scale == Scale::kShare ? asks(cell) : cell.metric(name) != nullptr;
}

bool Measure::is_in_any(const std::vector<CellResult>& results) const {
  return std::any_of(results.begin(), results.end(),
                     [this](const CellResult& cell) { return is_in(cell); });
}

std::optional<double> Measure::pooled(const CellResult& cell) const {
  if (!is_in(cell)) return std::nullopt;
  if (scale == Scale::kPerplexity) return PooledNll(cell.documents).mean();
  return scale == Scale::kShare ? share_right(cell) : cell.metric(name)->value;
}

std::vector<std::string> reported_names(const std::vector<CellResult>& results) {
  std::vector<std::string> names;
  for (const CellResult& cell : results) {
    for (const MetricValue& metric : cell.metrics) {
      if (std::find(names.begin(), names.end(), metric.name) == names.end()) {
        names.push_back(metric.name);
      }
    }
  }
  return names;
}

bool is_judged_by(const std::string& name) {
  return name == metric_names::kNll || name == metric_names::kPerplexity ||
         name == metric_names::kExactMatch;
}

std::vector<std::string> testable_names(const std::vector<CellResult>& results) {
  std::vector<std::string> names = {metric_names::kNll};
  if (Measure::kAnswers.is_in_any(results)) {
    names.emplace_back(metric_names::kExactMatch);
  }
  for (const std::string& name : reported_names(results)) {
    if (is_judged_by(name)) continue;
    const Reported found = reported(results, name);
    const bool has_direction = found.metric->direction != Direction::kNeither;
    if (found.of_documents && has_direction) names.push_back(name);
  }
  return names;
}

Measure measure_named(const std::vector<CellResult>& results, const std::string& name) {
  const bool answers = name == metric_names::kExactMatch;
  if (answers && Measure::kAnswers.is_in_any(results)) return Measure::kAnswers;
  if (is_judged_by(name) && !answers) return Measure::kNll;
  const std::vector<std::string> names = testable_names(results);
  const Reported found = reported(results, name);
  const std::string testable = "a metric with a direction and a value for each document: ";
  if (found.metric == nullptr) {
    const std::string near = closest_match(name, names);
    throw Error({"no cell has this metric", "", testable + joined(names), name,
                 near.empty() ? "choose one of these" : "did you mean \"" + near + "\"?"});
  }
  if (found.metric->direction == Direction::kNeither) {
    throw Error({"a metric of which neither more nor less is better cannot be tested", "",
                 testable + joined(names), name, "choose one of these"});
  }
  if (!found.of_documents) {
    throw Error({"a metric is told of whole cells alone, and tests are over documents", "",
                 testable + joined(names), name,
                 "choose one of these, or run again with a metric that fills "
                 "MetricValue::documents"});
  }
  return {name, found.metric->unit, found.metric->direction, Measure::Scale::kOwn};
}

}  // namespace pressroom
