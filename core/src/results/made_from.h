// What a result was made from, by name: its content key says that something is not the same any
// more, this says what.
//
//   {"method h2o": "9f86d081...", "metric perplexity": "60303ae2...", "budget": "512", ...}
//
// It stands in the file of each cell.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

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

}  // namespace pressroom
