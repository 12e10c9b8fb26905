// A metric's value as the JSON of a cell's file has it:
//
//   {"value": 24.7, "unit": "1", "better": "lower", "aggregation": "mean over all scored targets",
//    "documents": [25.1, null, "inf"], "answers": [[1, 0], [], [1]]}
//
//   json["metrics"][value.name] = metric_to_json(value);
//   result.metrics.push_back(metric_from_json(name, json, result.documents.size()));
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pressroom/metric.h"

namespace pressroom {

// A number, or "inf", "-inf" or "nan": JSON has none of these, but a perplexity can be infinite.
nlohmann::ordered_json number_to_json(double value);
// Throws nlohmann's exception for another type.
double number_from_json(const nlohmann::ordered_json& json);

// "documents" and "answers" are left out where the metric does not tell of them; null stands for a
// document that has no value.
nlohmann::ordered_json metric_to_json(const MetricValue& value);

// Of a result of `documents` documents. Throws Error where it tells of another number of them, and
// nlohmann's exception where a field is missing or of another type.
MetricValue metric_from_json(const std::string& name, const nlohmann::ordered_json& json,
                             std::size_t documents);

}  // namespace pressroom
