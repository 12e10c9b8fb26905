// How far a run goes into the positions that a model was made for.
#pragma once

#include <cstdint>

#include "engine/run.h"

namespace pressroom {

// Entries that a head can come to hold while `tokens` tokens pass under `settings`, those of the
// step that is fed included.
std::int64_t most_entries(const RunSettings& settings, std::int64_t tokens);

// Positions that rotation sees: with original positions as many as a window has tokens, with
// positions in the cache as many as a head can hold.
std::int64_t positions_used(const RunSettings& settings, std::int64_t tokens);

// Throws Error when a run uses more positions than the model was made for, unless that is allowed.
// `what` names the run in the message, and `key` what the user would allow it by.
void check_positions(const ModelFacts& model, const RunSettings& settings, std::int64_t tokens,
                     bool is_allowed, const std::string& what, const std::string& key);

}  // namespace pressroom
