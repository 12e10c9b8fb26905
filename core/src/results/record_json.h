// What all JSON files of a campaign's directory share: a seal, by which they show when they were
// changed after they were written, and how they name a cell.
//
//   add_cell_fields(cell, json);   // "method", "sparsity", "budget_tokens", "dataset", ...
//   seal(json);                    // before writing: a last field, "sha256", of the rest
//   read_sealed(text, {"a result", file, kSchema, "run the campaign again"});
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "results/cell.h"

namespace pressroom {

// Seals `json`, anew where it was sealed already.
void seal(nlohmann::ordered_json& json);

struct SealedFile {
  std::string what;    // "a result": how messages call it
  std::string file;    // where it lies
  std::string schema;  // that its field "schema" must name
  std::string fix;     // what to do about one that is torn or was changed
};

// The JSON of `text` without its seal. Throws Error when it is no whole JSON, names another schema
// or is not what was sealed.
nlohmann::ordered_json read_sealed(const std::string& text, const SealedFile& file);

// A cell as fields of a JSON object, the same wherever one is named: method, sparsity,
// budget_tokens, dataset, context_length, seed, protocol, positions.
void add_cell_fields(const Cell& cell, nlohmann::ordered_json& json);

// Throws nlohmann's exception where a field is missing or of another type.
Cell cell_of_fields(const nlohmann::ordered_json& json);

}  // namespace pressroom
