#include "trace/trace_json.h"

#include <nlohmann/json.hpp>

namespace pressroom {

using Json = nlohmann::ordered_json;

namespace {

Json json_of_head(const Trace& trace, std::int64_t layer, std::int64_t head,
                  const TraceSelection& selection) {
  const std::vector<std::int64_t> kept = trace.kept(layer, head, selection.step);
  Json json = {{"head", head}, {"held", kept.size()}, {"ranges", ranges_of(kept)}};
  if (!selection.evictions) return json;
  const EvictionLog& evictions = trace.evictions[layer][head];
  json["left_after"] = Json::array();
  for (const std::int32_t last : evictions.evicted_after) {
    json["left_after"].push_back(last == kNeverLeaves ? Json() : Json(last));
  }
  if (trace.with_scores) json["score"] = evictions.score;  // NaN is printed as null
  return json;
}

}  // namespace

Json to_json(const Trace& trace, const TraceSelection& selection) {
  const TraceHeader& header = trace.header;
  Json json = {
      {"model", header.model},       {"method", header.method},
      {"protocol", header.protocol}, {"positions", to_string(header.positions)},
      {"kv_dtype", header.kv_dtype}, {"budget_tokens", header.budget_tokens},
      {"document", header.document}, {"ids_sha256", header.ids_sha256},
      {"tokens", trace.tokens()},    {"steps", trace.steps()},
      {"step", selection.step},      {"tokens_fed", trace.last_tokens()[selection.step] + 1},
      {"layers", Json::array()}};
  for (std::int64_t l = selection.first_layer; l < selection.end_layer; ++l) {
    const LayerEvictions evictions = evictions_of_layer(trace, l);
    Json layer = {{"layer", l},
                  {"left", evictions.entries},
                  {"mean_age_tokens", evictions.mean_age_tokens},
                  {"heads", Json::array()}};
    for (std::int64_t g = selection.first_head; g < selection.end_head; ++g) {
      layer["heads"].push_back(json_of_head(trace, l, g, selection));
    }
    json["layers"].push_back(std::move(layer));
  }
  return json;
}

Json to_json(const Trace& a, const Trace& b, const TraceAgreement& agreement) {
  Json json = {{"methods", {a.header.method, b.header.method}},
               {"document", a.header.document},
               {"ids_sha256", a.header.ids_sha256},
               {"steps", agreement.tokens_fed.size()},
               {"jaccard", agreement.mean()},
               {"layers", Json::array()}};
  for (std::int64_t l = 0; l < a.layers(); ++l) {
    json["layers"].push_back({{"layer", l},
                              {"jaccard", agreement.mean(l)},
                              {"jaccard_at_end", agreement.jaccard[l].back()}});
  }
  return json;
}

}  // namespace pressroom
