// A cell's result as the JSON file it is stored in, and back.
//
// The file carries the names the generation study fixed (method, sparsity, context_length, seed,
// perplexity, tokens_per_second, peak_memory_mb, avg_cache_size) beside everything needed to check
// them: documents with the hash of their token ids, targets, nll and kept positions. A last field
// seals the rest with its SHA-256: a number changed by hand is found out. Numbers that are not
// finite are the strings "inf", "-inf" and "nan".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "results/cell.h"

namespace pressroom {

nlohmann::ordered_json to_json(const CellResult& result);

// Throws Error, naming `file`, when the text is not a whole result of this version, as it was
// written.
CellResult cell_result_from_json(const std::string& text, const std::string& file);

}  // namespace pressroom
