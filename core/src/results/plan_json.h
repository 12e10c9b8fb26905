// plan.json: the cells a campaign consists of, written before the first one runs, so that whoever
// reads the directory knows what is missing.
//
//   {"schema": "pressroom.plan/1", "name": "quickstart", "config_sha256": ..., ...
//    "run": "5e0c...", "cells": [{"file": "h2o_s0.9_ctx512_seed42.json", "method": "h2o",
//    "sparsity": 0.9, ..., "content_key": "9f86..."}],
//    "sha256": <of the rest>}
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "results/cell.h"

namespace pressroom {

struct PlannedFile {
  Cell cell;
  // Of its result, relative to the directory: "books/h2o_s0.9_ctx512_seed42.json".
  std::string file;
  std::string engine;       // "replay" or "decode"
  bool evicts = true;       // false for dense
  bool uses_budget = true;  // false where the method decides itself how much it keeps
  // What the cell's result has to be made from; "" in plans of versions that did not say.
  std::string content_key{};
};

// Equal in everything, labels and settings alike.
bool same_cell(const Cell& a, const Cell& b);

struct StoredPlan {
  std::string name;  // of the campaign
  // SHA-256 of the files beside it, which tell where the numbers come from.
  std::string config_sha256;      // of config.yaml
  std::string provenance_sha256;  // of provenance.json
  std::vector<PlannedFile> cells;
  // Of the run that wrote the plan: a cell that failed in it is not tried again by whoever else
  // works on it. "" in plans of versions that did not say.
  std::string run{};
  // How cells are looked after (the config's `limits` and `retries`): "seconds", "stall_seconds",
  // "memory_mb", "retries"; what is missing is at its default.
  std::map<std::string, std::int64_t> limits{};
};

nlohmann::ordered_json plan_json(const StoredPlan& plan);

// Throws Error, naming `file`, when the text is not a whole plan of this version as it was written,
// names one file for two cells, or a file outside of the directory.
StoredPlan plan_from_json(const std::string& text, const std::string& file);

// The plan in `directory`. Throws Error where there is none that can be read, or what
// plan_from_json throws.
StoredPlan read_plan(const std::filesystem::path& directory);

}  // namespace pressroom
