// A cell as fields of a JSON object, the same wherever one is named: method, sparsity,
// budget_tokens, dataset, context_length, seed, protocol, positions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "results/cell.h"

namespace pressroom {

void add_cell_fields(const Cell& cell, nlohmann::ordered_json& json);

// Throws nlohmann's exception where a field is missing or of another type.
Cell cell_of_fields(const nlohmann::ordered_json& json);

}  // namespace pressroom
