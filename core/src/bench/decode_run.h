// One run of the speed study: a prompt, then tokens one by one with a clock on each.
//
//   const DecodeRepeat once = decode_once(model, method, terms, shape, documents, control);
//   once.seconds_per_token();
//
// Only the engine is on the clock. Between tokens, and off it, sizes are counted and targets
// scored; at the end the run is held to what holds in every run (engine/invariants.h), and its
// caches to their budget after each token.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "admission/admitted_run.h"
#include "engine/run.h"
#include "engine/sequence.h"
#include "model/model.h"

namespace pressroom {

struct DecodeShape {
  std::int64_t length = 0;     // tokens of the prompt
  std::int64_t warmup = 0;     // tokens after it that are not counted
  std::int64_t tokens = 0;     // measured
  std::int64_t sequences = 1;  // at once
  std::int64_t every = 0;      // tokens of a stretch; 0: no stretches

  std::int64_t all_tokens() const { return length + warmup + tokens; }
};

// Consecutive measured tokens, at most DecodeShape::every of them.
struct DecodeStretch {
  std::int64_t last_token = 0;  // how many had been measured when it ended
  double seconds_per_token = 0;
  SequenceSizes held;                         // at its end, of all sequences
  std::optional<std::int64_t> process_bytes;  // in RAM then; nothing where the system does not tell
};

struct DecodeRepeat {
  double prefill_seconds = 0;        // of all prompts
  std::vector<double> step_seconds;  // [tokens]; all sequences wait for a step
  double kv_bytes_per_step = 0;      // that attention reads, all sequences, mean over the steps
  SequenceSizes held;                // at the end, of all sequences; most_entries after any step
  std::vector<DecodeStretch> stretches;
  double mean_nll = 0;  // of the tokens fed one by one: a sign that the same work was done

  double seconds_per_token() const;  // the mean of step_seconds
};

// `documents`: one for each sequence, shape.all_tokens() long. `method` is bound to the model and
// made the plan of `terms`, whose protocol is that of the study. Throws Error where the method does
// something impossible, an invariant is broken or a cache holds more than its budget; Interrupted
// on request.
DecodeRepeat decode_once(const Model& model, const Method& method, const RunTerms& terms,
                         const DecodeShape& shape, const std::vector<TokenDocument>& documents,
                         const RunControl& control);

// Throws Error, naming `run`, where `held` in `heads` KV heads is more than the budget allows: the
// budget and what was fed since the last event. Before the first event, where `fed_since_event` is
// nothing, it allows all.
void check_held_to_budget(const EvictionPlan& plan, std::int64_t budget_tokens,
                          std::optional<std::int64_t> fed_since_event, const SequenceSizes& held,
                          std::int64_t heads, const std::string& run);

}  // namespace pressroom
