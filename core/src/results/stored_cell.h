// What a campaign's directory says of one cell: its result, as a JSON file, and what that was made
// from. For runs that are about to begin and for those that only look.
//
//   const auto file = cell_file_in(directory, cell, "");
//   if (const auto result = read_result(file)) use(*result);
//   what_changed(read_made_from(file), now);   // "method h2o changed: 9f86d081 -> 60303ae2"
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "results/cell.h"

namespace pressroom {

// What a result was made from, by name: its content key says that something is not the same any
// more, this says what.
//
//   {"method h2o": "9f86d081...", "metric perplexity": "60303ae2...", "budget": "512", ...}
//
// It stands in the file of each cell.
using MadeFrom = std::map<std::string, std::string>;

// Why a cell is run again whose stored result is an error.
inline constexpr const char* kFailedBefore = "it failed before";

// From what is hashed for the content key. Plugins, inner ones too, stand under "method NAME" and
// "metric NAME" with the SHA-256 of their files; numbers and words as they are; all else, like the
// windows, as the SHA-256 of its text.
MadeFrom made_from(const nlohmann::ordered_json& key);

// In words what is not the same in `now` as in `before`: "method h2o changed: 9f86d081 ->
// 60303ae2". What only one of them has is left out, as `--dry-run` does not know the
// hashes of texts and weights; where nothing is left to name, the words say as much. Hashes are cut
// to eight digits, those of windows are left out.
std::string what_changed(const MadeFrom& before, const MadeFrom& now);

// A cell's result as the JSON file it is stored in, and back.
//
// The file carries the names the generation study fixed (method, sparsity, context_length, seed,
// perplexity, tokens_per_second, peak_memory_mb, avg_cache_size) beside everything needed to check
// them: documents with the hash of their token ids, targets, nll and kept positions. A last field
// seals the rest with its SHA-256: a number changed by hand is found out. Numbers that are not
// finite are the strings "inf", "-inf" and "nan".
nlohmann::ordered_json to_json(const CellResult& result);

// Throws Error, naming `file`, when the text is not a whole result of this version, as it was
// written.
CellResult cell_result_from_json(const std::string& text, const std::string& file);

// What to do where a file of a campaign is missing.
inline constexpr const char* kRunAgain = "run the campaign again with this version";

// The bytes of a file that the campaign's directory must have. Throws Error, with what to do, where
// they cannot be read.
std::string read_campaign_file(const std::filesystem::path& file);

// The result in `file`; nothing where there is no file, or one that a loss of power left torn
// (base/whole_file.h): its cell has no result. Throws Error when it is not a whole result as it was
// written.
std::optional<CellResult> read_result(const std::filesystem::path& file);

// What the result in `file`, which read_result() has found whole, says that it was made from; empty
// where an older version wrote it.
MadeFrom read_made_from(const std::filesystem::path& file);

// Where the result of `cell` lies in `directory`. `folder` is the dataset's label where there are
// several datasets, else "".
std::filesystem::path cell_file_in(const std::filesystem::path& directory, const Cell& cell,
                                   const std::string& folder);

}  // namespace pressroom
