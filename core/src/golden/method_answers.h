// What a method answers: what it keeps of a drawn document, and what the model then loses.
//
//   Json answers = method_answers(use, starter, host, control);
//   answers[0];   // {"protocol": "stream", "budget_tokens": 192, "engine": "decode",
//                 //  "ids_sha256": "...", "kept": [[...]], "nll_nats": [...]}
//
// Under stream, chunked and prefill, at a quarter and at half of the entries removed; once for each
// protocol where the method takes no budget, without `budget_tokens`. Decoded, which runs every
// method. A run that may not begin - a budget below what the method protects, a protocol that it
// does not go with - is an answer, too: {"protocol", "budget_tokens", "refused": why}.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/config.h"
#include "engine/run.h"
#include "golden/starter_model.h"

namespace pressroom {

// Throws Error where the method cannot be made or bound, does something impossible, or may not run
// at all; Interrupted on request.
nlohmann::ordered_json method_answers(const PluginUse& use, const StarterModel& starter,
                                      PluginHost& host, const RunControl& control);

}  // namespace pressroom
