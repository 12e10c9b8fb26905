#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "pressroom/error.h"
#include "results/metric_json.h"
#include "results/metric_names.h"
#include "results/record_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCellSchema = "pressroom.cell/2";

// Consecutive targets, the usual case, are stored as their first and last index, others one by one.
Json targets_to_json(const Targets& targets) {
  if (targets.empty()) return Json::array();
  if (!targets.consecutive()) return targets.listed();
  return {{"first", targets.front()}, {"last", targets.back()}, {"count", targets.size()}};
}

// Of a window of `context_tokens`. No number that a file holds is believed before it is held
// against another.
Targets targets_from_json(const Json& json, std::int64_t context_tokens) {
  Targets targets;
  bool sound = true;
  std::int64_t before = -1;
  if (json.is_array()) {
    for (const Json& index : json) {
      const auto next = index.get<std::int64_t>();
      sound = sound && next > before;
      before = next;
      targets.push_back(next);
    }
  } else {
    const auto first = json.at("first").get<std::int64_t>();
    const auto last = json.at("last").get<std::int64_t>();
    const auto count = json.at("count").get<std::int64_t>();
    sound = first >= 0 && first <= last && last < context_tokens && count == last - first + 1;
    if (sound) targets = Targets::range(first, static_cast<std::size_t>(count));
  }
  if (sound && (targets.empty() || targets.back() < context_tokens)) return targets;
  throw Error({"the scored targets of a document are none that its window can have", "",
               "rising indices from 0 to " + std::to_string(context_tokens - 1) +
                   ", as many as are said to be there",
               json_line(json).substr(0, 100), ""});
}

void answers_from_json(const Json& json, DocumentResult& document) {
  const auto found = json.find("answers");
  if (found == json.end()) return;
  document.answers = found->at("asked");
  const auto right = found->at("right").get<std::int64_t>();
  document.right_answers = static_cast<double>(right);
  if (0 < document.answers && 0 <= right && right <= document.answers) return;
  throw Error({"a document cannot have as many right answers", "", "none to as many as are asked",
               std::to_string(right) + " of " + std::to_string(document.answers), ""});
}

void add_study_fields(const CellResult& result, Json& json) {
  const struct {
    const char* field;
    const char* metric;
    double scale;
  } fields[] = {{metric_names::kPerplexity, metric_names::kPerplexity, 1},
                {metric_names::kTokensPerSecond, metric_names::kTokensPerSecond, 1},
                {"peak_memory_mb", metric_names::kProcessPeakBytes, 1e-6},
                {"avg_cache_size", metric_names::kMeanCacheEntries, 1}};
  for (const auto& field : fields) {
    const MetricValue* value = result.metric(field.metric);
    if (value != nullptr) json[field.field] = number_to_json(value->value * field.scale);
  }
}

Json size_curve_to_json(const CacheSizeCurve& curve) {
  return {{"tokens_fed", curve.tokens_fed},
          {"entries_per_head", curve.entries_per_head},
          {"kept", curve.kept}};
}

CacheSizeCurve size_curve_from_json(const Json& json) {
  CacheSizeCurve curve;
  json.at("tokens_fed").get_to(curve.tokens_fed);
  json.at("entries_per_head").get_to(curve.entries_per_head);
  json.at("kept").get_to(curve.kept);
  return curve;
}

CellResult parse(const Json& json) {
  CellResult result;
  result.cell = cell_of_fields(json.at("cell"));
  result.content_key = json.at("content_key");
  result.size_curve = size_curve_from_json(json.at("course"));
  result.seconds = json.at("seconds");
  result.error = json.at("error");
  result.run = json.value("run", "");
  if (const auto copied = json.find("copied_from"); copied != json.end()) {
    result.copied_from = copied->at("file");
    result.copied_sha256 = copied->at("sha256");
  }
  for (const Json& document : json.at("documents")) {
    DocumentResult& parsed = result.documents.emplace_back();
    parsed.id = document.at("id");
    parsed.ids_sha256 = document.at("ids_sha256");
    parsed.provenance = document.at("provenance");
    parsed.targets = targets_from_json(document.at("targets"), result.cell.context_tokens);
    answers_from_json(document, parsed);
    parsed.sum_nll_nats = number_from_json(document.at("sum_nll_nats"));
    parsed.kept_sha256 = document.at("kept_sha256");
  }
  for (const auto& [name, value] : json.at("metrics").items()) {
    result.metrics.push_back(metric_from_json(name, value, result.documents.size()));
  }
  return result;
}

}  // namespace

nlohmann::ordered_json to_json(const CellResult& result) {
  Json json = {{"schema", kCellSchema}, {"content_key", result.content_key}};
  add_cell_fields(result.cell, json["cell"]);
  add_study_fields(result, json);
  json["metrics"] = Json::object();
  for (const MetricValue& value : result.metrics) {
    json["metrics"][value.name] = metric_to_json(value);
  }
  json["documents"] = Json::array();
  for (const DocumentResult& document : result.documents) {
    json["documents"].push_back({{"id", document.id},
                                 {"ids_sha256", document.ids_sha256},
                                 {"provenance", document.provenance},
                                 {"targets", targets_to_json(document.targets)},
                                 {"sum_nll_nats", number_to_json(document.sum_nll_nats)},
                                 {"mean_nll_nats", number_to_json(document.mean_nll_nats())},
                                 {"kept_sha256", document.kept_sha256}});
    if (document.answers == 0) continue;
    json["documents"].back()["answers"] = {
        {"asked", document.answers}, {"right", static_cast<std::int64_t>(document.right_answers)}};
  }
  json["course"] = size_curve_to_json(result.size_curve);
  json["seconds"] = result.seconds;
  json["error"] = result.error;
  if (!result.run.empty()) json["run"] = result.run;
  if (!result.copied_from.empty()) {
    json["copied_from"] = {{"file", result.copied_from}, {"sha256", result.copied_sha256}};
  }
  seal(json);
  return json;
}

CellResult cell_result_from_json(const std::string& text, const std::string& file) {
  const SealedFile sealed = {"a result", file, kCellSchema,
                             "delete the file and run the campaign again"};
  const Json json = read_sealed(text, sealed);
  try {
    return parse(json);
  } catch (const Error& error) {
    Problem problem = error.problems().front();
    problem.where = file;
    problem.fix = sealed.fix;
    throw Error(problem);
  } catch (const Json::exception& error) {
    throw Error(
        {"a result is not whole", file, "a cell result of this version", error.what(), sealed.fix});
  }
}

}  // namespace pressroom
