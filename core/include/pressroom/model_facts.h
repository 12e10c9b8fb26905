// What a plugin may know of the model it runs in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pressroom {

// How positions reach the rotary embedding once entries have been evicted.
enum class Positions {
  kOriginal,    // a token keeps the position it has in the document
  kCacheIndex,  // keys and query are rotated by their index inside the cache (StreamingLLM)
};

const char* to_string(Positions positions);

struct ModelFacts {
  std::string name;              // as the user wrote it
  std::int64_t layers = 0;       // L
  std::int64_t query_heads = 0;  // H
  std::int64_t kv_heads = 0;     // G; H is a multiple of G
  std::int64_t head_dim = 0;     // d
  std::int64_t hidden_size = 0;  // D
  std::int64_t vocabulary = 0;
  std::int64_t max_positions = 0;  // longest sequence the model was trained for
  // omega_i of rotary embedding, radians per position: channels i and i + r/2 of the first
  // r = 2 * rope_frequencies.size() turn by it.
  std::vector<double> rope_frequencies;

  // Query heads that share one KV head.
  std::int64_t group_size() const { return query_heads / kv_heads; }
};

}  // namespace pressroom
