#include "results/cell_fields.h"

#include <nlohmann/json.hpp>

namespace pressroom {

void add_cell_fields(const Cell& cell, nlohmann::ordered_json& json) {
  json["method"] = cell.method;
  json["sparsity"] = cell.sparsity;
  json["budget_tokens"] = cell.budget_tokens;
  json["dataset"] = cell.dataset;
  json["context_length"] = cell.context_tokens;
  json["seed"] = cell.seed;
  json["protocol"] = cell.protocol;
  json["positions"] = to_string(cell.positions);
}

Cell cell_of_fields(const nlohmann::ordered_json& json) {
  Cell cell;
  cell.method = json.at("method");
  cell.sparsity = json.at("sparsity");
  cell.budget_tokens = json.at("budget_tokens");
  cell.dataset = json.at("dataset");
  cell.context_tokens = json.at("context_length");
  cell.seed = json.at("seed");
  cell.protocol = json.at("protocol");
  cell.positions = json.at("positions") == to_string(Positions::kCacheIndex)
                       ? Positions::kCacheIndex
                       : Positions::kOriginal;
  return cell;
}

}  // namespace pressroom
