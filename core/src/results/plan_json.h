// plan.json: the cells a campaign consists of, written before the first one runs, so that whoever
// reads the directory knows what is missing.
//
//   {"schema": "pressroom.plan/1", "name": "quickstart", "config_sha256": ..., ...
//    "cells": [{"file": "h2o_s0.9_ctx512_seed42.json", "method": "h2o", "sparsity": 0.9, ...}],
//    "sha256": <of the rest>}
#pragma once

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
};

// Equal in everything, labels and settings alike.
bool same_cell(const Cell& a, const Cell& b);

struct StoredPlan {
  std::string name;  // of the campaign
  // SHA-256 of the files beside it, which tell where the numbers come from.
  std::string config_sha256;      // of config.yaml
  std::string provenance_sha256;  // of provenance.json
  std::vector<PlannedFile> cells;
};

nlohmann::ordered_json plan_json(const StoredPlan& plan);

// Throws Error, naming `file`, when the text is not a whole plan of this version as it was written,
// names one file for two cells, or a file outside of the directory.
StoredPlan plan_from_json(const std::string& text, const std::string& file);

}  // namespace pressroom
