// What a generation took: times, entries, bytes.
//
//   stats.decode_tokens_per_second();      // 41.7
//   stats.bytes_per_second();              // weights and cache read by decoded tokens, each second
//   stats.bandwidth_share();               // 0.87 of what the memory gives
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "engine/sequence.h"

namespace pressroom {

struct GenerationStats {
  std::int64_t prompt_tokens = 0;
  std::int64_t loaded_tokens = 0;  // of them, those that a saved cache held
  std::int64_t threads = 1;
  double prefill_seconds = 0;  // to the logits after the prompt, what was loaded included
  // Of each decoded token, from the one before it to itself: a step of the model and the choice.
  // The first token comes out of the prompt, so there is one fewer than tokens.
  std::vector<double> step_seconds;

  // Read for each decoded token: the weights but for the rows of the embedding that no token of it
  // is, and what attention reads of the caches, summed over all of them.
  std::int64_t weight_bytes_per_token = 0;
  double cache_bytes_read = 0;

  SequenceSizes held;                    // at the end
  std::int64_t peak_bytes = 0;           // most that `held.bytes` was after a step
  std::int64_t heads = 0;                // KV heads of all layers
  std::int64_t least_entries = 0;        // of a head, at the end
  std::optional<double> read_bandwidth;  // of this machine, bytes/s; where it was measured

  // Nothing where a saved cache held the prompt, or a part of it: it was not fed in one block.
  std::optional<double> prefill_tokens_per_second() const;

  // Nothing where no token was decoded.
  std::optional<double> decode_tokens_per_second() const;
  std::optional<double> step_quantile(double fraction) const;  // seconds
  std::optional<double> bytes_per_second() const;
  std::optional<double> bandwidth_share() const;

  double mean_entries() const;  // of a head
};

// Times in milliseconds, rates in tokens or bytes a second; null for what there is none of.
nlohmann::ordered_json to_json(const GenerationStats& stats);

}  // namespace pressroom
