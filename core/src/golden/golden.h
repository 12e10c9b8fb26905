// golden.json of a bundle: what the plugin answers on the starter model, recorded where it was
// packed and asked again wherever it is installed.
//
//   const nlohmann::ordered_json now = golden_answers(PluginKind::kMethod, use, host, control);
//   members[kGoldenPath] = {golden_text(now), false};                        // where it is packed
//
//   const nlohmann::ordered_json recorded = parse_golden(members.at(kGoldenPath).bytes, where);
//   for (const Problem& wrong : golden_differences(recorded, now, where)) ...   // where it is not
//
// The file, whose answers are of one of three kinds:
//
//   {
//     "schema": "pressroom.golden/1", "kind": "method", "name": "my_press",
//     "model": {"config_sha256": "...", "weights_sha256": "...", "tokenizer_sha256": "..."},
//     "answers": [
//       {"protocol": "stream", "budget_tokens": 192, "engine": "decode", "ids_sha256": "...",
//        "kept": [["0-3 250-255", ...], ...], "nll_nats": [7.712053, ...]},
//       {"protocol": "stream", "budget_tokens": 128, "refused": "why"}, ...
//     ]
//   }
//   ... "kind": "dataset" ... "documents": 1000, "ended": false,
//     "answers": [{"id": "a.txt#1", "sha256": "..."}, ...]
//   ... "kind": "metric" ...
//     "answers": [{"method": "dense", "name": "perplexity", "unit": "1", "value": 21.7}, ...]
//
// An answer of a method that hangs on rounding - replay and decode part - is marked with "settled":
// false, and neither compared where it was recorded so nor where it is asked so.
//
// The file holds no path and no time: the same plugin gives the same text in every folder.
// docs/schemas/golden.schema.json says the same as a JSON Schema.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "engine/run.h"
#include "pressroom/error.h"

namespace pressroom {

inline constexpr const char* kGoldenSchema = "pressroom.golden/1";
inline constexpr std::size_t kMostGoldenBytes = std::size_t{1} << 20;

// The most by which an nll of two recordings may differ, in nats. A sum of float32 in another order
// - another processor, another BLAS - moves most by some 1e-5; of 771 answers of all methods on
// three kinds of kernels the largest moved by 1e-4. A method that attends to one entry more or less
// moves them by 1e-3 and above, which has to be found: this is between the two.
inline constexpr double kGoldenTolerance = 3e-4;

// Of the values of a metric: as a fraction of the larger one, and beside it in the value's own
// unit, as what is nearly nothing is nearly all rounding. On the same kernels: 1.3e-5.
inline constexpr double kGoldenFraction = 1e-4;
inline constexpr double kGoldenFloor = 1e-6;

// What the plugin that `use` is about answers: a method, kept positions and nll under the protocols
// that it allows at two budgets (method_answers.h); a reader, its documents (reader_answers.h); a
// metric, its values on a fixed campaign (metric_answers.h). Takes seconds, but for readers of what
// is large. Throws Error where the starter model is not there, the plugin does something
// impossible, or it gives no answer at all; Interrupted on request.
nlohmann::ordered_json golden_answers(PluginKind kind, const PluginUse& use, PluginHost& host,
                                      const RunControl& control);

// The answers as the file holds them, one a line.
std::string golden_text(const nlohmann::ordered_json& golden);

// The inverse, of a text that anyone may have written. Throws Error, about `where` and the place in
// it, for what is longer than kMostGoldenBytes, nested deeper than such a file, no JSON, of another
// version of the schema, or has a key that is unknown, missing, there twice or of another type.
nlohmann::ordered_json parse_golden(std::string_view text, const std::string& where);

// Both as golden_answers or parse_golden return them. Nothing where they are one; else one Problem:
// how many answers differ, and the first of them. Throws Error where the starter models are two:
// then nothing can be said of the plugin.
std::vector<Problem> golden_differences(const nlohmann::ordered_json& recorded,
                                        const nlohmann::ordered_json& now,
                                        const std::string& where);

}  // namespace pressroom
