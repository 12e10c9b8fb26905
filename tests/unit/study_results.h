// A made-up campaign as the studies measure them, for tests of their files.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/studies/study.h"
#include "result_builder.h"
#include "results/cell.h"

namespace pressroom {

// A cell of three documents with every metric that a study's file takes a number from. Of 100
// entries `kept` are held at the end.
inline CellResult study_cell(const std::string& method, double sparsity, std::uint64_t seed,
                             const std::vector<double>& nlls, double kept) {
  CellResult cell = made_cell(method, sparsity, seed, nlls);
  cell.content_key = "key";
  cell.seconds = 3;
  double mean = 0;
  for (const double nll : nlls) mean += nll / static_cast<double>(nlls.size());
  add_metric(cell, "perplexity", std::exp(mean), "1", Direction::kLowerIsBetter);
  add_metric(cell, "cross_entropy", mean, "nats/token", Direction::kLowerIsBetter);
  add_metric(cell, "kept", kept, "entries");
  add_metric(cell, "discarded", 100 - kept, "entries");
  add_metric(cell, "kept_ratio", kept / 100);
  add_metric(cell, "mean_cache_entries", 5 * kept, "entries/head", Direction::kLowerIsBetter);
  add_metric(cell, "peak_cache_entries", 10 * kept, "entries/head", Direction::kLowerIsBetter);
  add_metric(cell, "tokens_per_second", 1536, "tokens/s", Direction::kHigherIsBetter);
  add_metric(cell, "decode_latency_mean", 0.0125, "s", Direction::kLowerIsBetter);
  add_metric(cell, "kv_bytes_peak", 4000 * kept, "bytes", Direction::kLowerIsBetter);
  add_metric(cell, "process_peak_bytes", 2e9, "bytes", Direction::kLowerIsBetter);
  return cell;
}

// dense, h2o and cab at sparsity 0.9, three documents a seed. Mean nlls: dense 2, h2o 2.2, cab 2.1.
inline std::vector<CellResult> study_campaign(const std::vector<std::uint64_t>& seeds = {42}) {
  std::vector<CellResult> results;
  for (const std::uint64_t seed : seeds) {
    const double shift = 0.01 * static_cast<double>(seed - 42);  // seeds differ a little
    results.push_back(study_cell("dense", 0, seed, {1 + shift, 2, 3}, 100));
    results.push_back(study_cell("h2o", 0.9, seed, {1.1 + 2 * shift, 2.2, 3.3}, 10));
    results.push_back(study_cell("cab", 0.9, seed, {1.15 + shift, 2.05, 3.1}, 12));
  }
  return results;
}

inline StudySetting study_setting() {
  using Json = nlohmann::ordered_json;
  StudySetting setting;
  setting.name = "made";
  setting.model = "EleutherAI/pythia-70m";
  setting.device = "cpu";
  setting.dtype = "float32";
  setting.methods = {{"dense", "dense", Json::object()},
                     {"h2o", "h2o", {{"n_sink", 4}, {"recent", 0.5}, {"share", "kv_head"}}},
                     {"cab", "cab", {{"local", 0.3}, {"bridge", 0.2}, {"important", 0.5}}}};
  Json& config = setting.config;
  config = {{"name", "made"},
            {"model", setting.model},
            {"device", "cpu"},
            {"dtype", "float32"},
            {"engine", "decode"},
            {"protocol", "stream"},
            {"context_lengths", {1024}},
            {"num_samples", 3}};
  config["datasets"]["books"] = {{"name", "text"}, {"parameters", {{"path", "books"}}}};
  for (const StudyMethod& method : setting.methods) {
    config["methods"][method.label] = {{"name", method.name}, {"parameters", method.parameters}};
  }
  config["metrics"]["throughput"] = {{"name", "throughput"}, {"parameters", {{"last", 128}}}};
  config["sparsity_levels"] = {0.9};
  config["seeds"] = {42};
  return setting;
}

}  // namespace pressroom
