// Campaign directories made of made-up results, as a run leaves them.
//
//   write_campaign(folder, "planted", {made_cell("dense", 0, 42, {1, 2}), ...});
//   const StoredCampaign stored = read_campaign(folder);
//
// A result whose error is kNotRun is planned and has no file yet.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "base/whole_file.h"
#include "results/plan_json.h"
#include "results/stored_answers.h"
#include "results/stored_cell.h"

namespace pressroom {

inline std::string config_of(const std::string& name, const std::vector<CellResult>& results) {
  std::set<std::string> datasets;
  std::set<std::string> methods;
  std::set<std::int64_t> contexts;
  std::set<std::uint64_t> seeds;
  for (const CellResult& result : results) {
    datasets.insert(result.cell.dataset);
    methods.insert(result.cell.method);
    contexts.insert(result.cell.context_tokens);
    seeds.insert(result.cell.seed);
  }
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  std::string yaml = "name: " + quoted(name) + "\nmodel: starter\nprotocol:\n  kind: stream\n";
  yaml += "  context: [";
  for (const std::int64_t context : contexts) yaml += std::to_string(context) + ", ";
  yaml += "]\n  documents: 4\ndatasets:\n";
  for (const std::string& dataset : datasets) {
    yaml += "  - {reader: text, path: books.txt, as: " + quoted(dataset) + "}\n";
  }
  yaml += "methods:\n";
  for (const std::string& method : methods) {
    yaml += "  - {name: " + quoted(method) + ", recent: 0.2}\n";
  }
  yaml += "seeds: [";
  for (const std::uint64_t seed : seeds) yaml += std::to_string(seed) + ", ";
  return yaml + "]\nmetrics: [perplexity, cache]\nengine: auto\ndevice: cpu\ndtype: float32\n";
}

inline nlohmann::ordered_json provenance_of(const std::vector<CellResult>& results) {
  nlohmann::ordered_json json = {
      {"pressroom", "0.1.0"},
      {"sdk", "2.0"},
      {"libtorch", "1.13.1"},
      {"blas", "OpenBLAS"},
      {"compiler", "GNU 12.2.0"},
      {"boost", "1_74"},
      {"command_line", {"pressroom", "run", "campaign.yaml"}},
      {"machine", {{"system", "Linux 6.1"}, {"cpu", "a CPU"}, {"cores", 2}}},
      {"model",
       {{"name", "starter"},
        {"path", "models/starter"},
        {"config_sha256", std::string(64, '1')},
        {"weights_sha256", std::string(64, '2')},
        {"tokenizer_sha256", std::string(64, '3')},
        {"family", "llama"},
        {"dtype", "float32"}}}};
  for (const CellResult& result : results) {
    json["methods"][result.cell.method] = {{"name", result.cell.method},
                                           {"sha256", std::string(64, '4')}};
    json["datasets"][result.cell.dataset] = {{"name", "text"}, {"sha256", std::string(64, '5')}};
  }
  return json;
}

inline void write_campaign(const std::filesystem::path& directory, const std::string& name,
                           const std::vector<CellResult>& results) {
  std::set<std::string> datasets;
  for (const CellResult& result : results) datasets.insert(result.cell.dataset);
  std::vector<PlannedFile> planned;
  for (const CellResult& result : results) {
    const std::string folder = datasets.size() > 1 ? result.cell.dataset + "/" : "";
    const std::string file = folder + result.cell.file_stem() + ".json";
    const bool dense = result.cell.method == "dense";
    planned.push_back({result.cell, file, "replay", !dense, !dense});
    if (result.error == kNotRun) continue;
    write_file_atomically(directory / file, to_json(result).dump(1) + "\n");
    if (result.answers.empty()) continue;
    write_file_atomically(answers_file(directory / file), answers_text(result));
  }
  const std::string config = config_of(name, results);
  const std::string provenance = provenance_of(results).dump(1) + "\n";
  write_file_atomically(directory / "config.yaml", config);
  write_file_atomically(directory / "provenance.json", provenance);
  const StoredPlan plan = {name, sha256_hex(config), sha256_hex(provenance), planned};
  write_file_atomically(directory / "plan.json", plan_json(plan).dump(1) + "\n");
}

}  // namespace pressroom
