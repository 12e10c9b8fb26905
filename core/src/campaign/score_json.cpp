#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "campaign/score.h"
#include "results/metric_names.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

nlohmann::ordered_json protocol_settings(const Protocol& protocol) {
  auto json = nlohmann::ordered_json::object();
  for (const auto& [name, value] : protocol.settings()) {
    const bool is_number = value.find_first_not_of("0123456789") == std::string::npos;
    if (is_number) {
      json[name] = std::stoll(value);
    } else {
      json[name] = value;
    }
  }
  return json;
}

nlohmann::ordered_json fidelity_json(const Fidelity& fidelity) {
  return {{metric_names::kKlMean, fidelity.mean_kl()},
          {metric_names::kKlP50, fidelity.kl_percentile(500)},
          {metric_names::kKlP90, fidelity.kl_percentile(900)},
          {metric_names::kKlP99, fidelity.kl_percentile(990)},
          {metric_names::kKlP999, fidelity.kl_percentile(999)},
          {metric_names::kTop1Agreement, fidelity.top1_agreement()},
          {"kl_nats", fidelity.kl_nats}};
}

Json parting_json(const Parting& parting) {
  Json json = {{"layer", parting.layer}, {"kv_head", parting.head},  {"step", parting.step},
               {"token", parting.token}, {"is_tie", parting.is_tie}, {"entries", Json::array()}};
  for (const PartedEntry& entry : parting.entries) {
    json["entries"].push_back({{"kv_head", entry.head},
                               {"position", entry.position},
                               {"left_in", entry.left_in_first ? "replay" : "decode"},
                               {"score", std::isnan(entry.score) ? Json() : Json(entry.score)}});
  }
  return json;
}

}  // namespace

double ScoreResult::mean_nll() const { return mean_of(run.nll_nats); }

bool ScoreResult::engines_agree() const {
  if (kv_dtype == KvDtype::kFloat32) return same_kept() && largest_difference() <= kEngineTolerance;
  return std::abs(mean_nll() - mean_of(decoded->nll_nats)) <= engine_tolerance(to_string(kv_dtype));
}

double ScoreResult::largest_difference() const {
  double largest = 0;
  for (std::size_t i = 0; i < run.nll_nats.size(); ++i) {
    largest = std::max(largest, std::abs(run.nll_nats[i] - decoded->nll_nats[i]));
  }
  return largest;
}

nlohmann::ordered_json to_json(const ScoreResult& result) {
  nlohmann::ordered_json json = {{"model", result.model},
                                 {"protocol", to_string(result.protocol.kind)},
                                 {"method", result.method},
                                 {"engine", result.decoded ? "both" : to_string(result.engine)},
                                 {"positions", to_string(result.positions)},
                                 {"budget_tokens", result.budget_tokens},
                                 {"ids_sha256", result.ids_sha256},
                                 {"targets", result.run.targets},
                                 {"nll_nats", result.run.nll_nats},
                                 {"mean_nll", result.mean_nll()},
                                 {metric_names::kPerplexity, std::exp(result.mean_nll())},
                                 {"kept_positions", result.run.kept},
                                 {"kv_bytes", result.kv_bytes},
                                 {"seconds", result.seconds},
                                 {"dtype", to_string(result.dtype)},
                                 {"kv_dtype", to_string(result.kv_dtype)},
                                 {"seed", result.seed},
                                 {"protocol_settings", protocol_settings(result.protocol)}};
  if (result.fidelity) json["fidelity"] = fidelity_json(*result.fidelity);
  if (result.decoded) {
    json["replay_against_decode"] = {
        {"largest_nll_difference", result.largest_difference()},
        {"same_kept_positions", result.same_kept()},
        {"first_parting", result.parting ? parting_json(*result.parting) : Json()}};
  }
  return json;
}

}  // namespace pressroom
