#include "stats/document_difference.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace pressroom {
namespace {

// What a metric tells of a document, which may be nothing, or why it cannot be known.
struct ToldOfDocument {
  std::optional<double> value;
  std::string lack;
};

ToldOfDocument told_of(const DocumentOfCell& side, const Measure& measure) {
  const MetricValue* metric = side.cell->metric(measure.name);
  if (metric == nullptr) return {{}, "no " + measure.name};
  if (metric->documents.empty()) return {{}, measure.name + " is not told of each document"};
  // Of another version of the metric: no difference of two units means anything.
  if (metric->unit != measure.unit || metric->direction != measure.direction) {
    return {{}, measure.name + " has another unit or direction than elsewhere"};
  }
  const std::vector<DocumentResult>& documents = side.cell->documents;
  if (metric->documents.size() != documents.size()) {
    return {{},
            measure.name + " is told of " + std::to_string(metric->documents.size()) +
                " documents, and there are " + std::to_string(documents.size())};
  }
  const std::optional<double> value = metric->documents[side.document - documents.data()];
  if (value && !std::isfinite(*value)) {
    return {
        {},
        "the " + measure.name + " of document " + side.document->id + " is not a finite number"};
  }
  return {value, ""};
}

DocumentDifference of_metric(const Measure& measure, const DocumentOfCell& first,
                             const DocumentOfCell& second) {
  const ToldOfDocument a = told_of(first, measure);
  const ToldOfDocument b = told_of(second, measure);
  DocumentDifference difference;
  difference.first_lacks = a.lack;
  difference.second_lacks = b.lack;
  if (!a.lack.empty() || !b.lack.empty()) return difference;
  // One side alone is no pair, and leaving the document out would choose among them.
  const std::string none = " has no " + measure.name;
  if (b.value && !a.value) difference.first_lacks = "document " + first.document->id + none;
  if (a.value && !b.value) difference.second_lacks = "document " + second.document->id + none;
  if (!a.value || !b.value) return difference;
  // Exact, or nearly, as of the nll: the mean of a constant over seeds is that constant.
  const auto rise = static_cast<long double>(*b.value) - static_cast<long double>(*a.value);
  difference.is_there = true;
  difference.value = measure.turns() ? 0 - rise : rise;
  difference.size = std::max(std::abs(*a.value), std::abs(*b.value));
  return difference;
}

}  // namespace

DocumentDifference document_difference(const Measure& measure, const DocumentOfCell& first,
                                       const DocumentOfCell& second, long double nll) {
  const DocumentResult& a = *first.document;
  const DocumentResult& b = *second.document;
  DocumentDifference difference;
  switch (measure.scale) {
    case Measure::Scale::kPerplexity:
      difference.is_there = true;
      difference.value = nll;
      difference.weight = static_cast<std::int64_t>(b.targets.size());
      break;
    case Measure::Scale::kShare:
      // A document that asks for nothing has no share of wrong answers, and none is not zero.
      if (b.answers == 0) break;
      difference.is_there = true;
      // Of as many answers: equal losses are equal to the last bit.
      difference.value = static_cast<long double>(a.right_answers - b.right_answers) /
                         static_cast<long double>(b.answers);
      difference.weight = b.answers;
      break;
    case Measure::Scale::kOwn:
      return of_metric(measure, first, second);
  }
  return difference;
}

}  // namespace pressroom
