// What all layers of a cell have in common, and what passes through one: rows of queries, keys and
// values.
//
// Equal tokens have equal rows in the first layer, to the last bit: their queries, keys and values
// depend on the token alone. A product may round equal rows differently, by where they stand and
// how many there are, and entries that tie would no longer leave oldest first. So each distinct
// token is projected once and its row used again (DistinctTokens).
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/cache/head_cache.h"
#include "model/rotary.h"
#include "pressroom/method.h"
#include "protocol/protocol.h"

namespace pressroom {

class SequentialKernel;

// Outlives everything that is made with it.
struct LayerSetup {
  ModelFacts model;
  EvictionPlan plan;
  std::int64_t budget_tokens = 0;
  std::int64_t context_tokens = 0;
  std::int64_t most_entries = 0;  // that a head can come to hold
  Positions positions = Positions::kOriginal;
  KvDtype kv_dtype = KvDtype::kFloat32;
  ServerConstraints server;
  std::int64_t prompt_tokens = 0;  // 0: there is no prompt
  const RotaryTable* rotary = nullptr;
  const SequentialKernel* kernel = nullptr;  // of replay

  // The first position whose entry may leave.
  std::int64_t first_evictable() const {
    return server.keep_prompt && prompt_tokens > plan.sinks ? prompt_tokens : plan.sinks;
  }
  // Whether what leaves a KV head depends on that head alone.
  bool heads_are_alone() const { return is_by_head(plan) && !server.heads_together; }
  EntryLayout entry_layout() const;
  // Floats in a row of queries, keys and values: (H + 2G) d.
  std::int64_t qkv_width() const {
    return (model.query_heads + 2 * model.kv_heads) * model.head_dim;
  }
};

// Tokens on their way through a layer: `count` of them, of ascending positions from `position`.
// Borrowed; nothing is rotated yet.
struct TokenRows {
  std::int64_t position = 0;
  std::int64_t count = 1;
  const std::int64_t* ids = nullptr;       // [n]
  const float* qkv = nullptr;              // [n,(H+2G)d]: queries, keys, values
  const float* attention_input = nullptr;  // [n,D]
  // Scores given at birth: those of KV head h begin at h * birth_stride. Null where there are none.
  const float* birth_scores = nullptr;
  std::int64_t birth_stride = 0;
};

// Rounds the keys and values of `count` rows [count,(H+2G)d], in place, to what a cache holds of
// them as they are, before rotation.
void round_keys_and_values(const LayerSetup& setup, std::int64_t count, float* qkv);

// Rows of a product come in multiples of this, with idle ones at the end, so that products of all
// heights are made by the same inner loops.
constexpr std::int64_t kRowMultiple = 64;

inline std::int64_t rounded_up(std::int64_t rows) {
  return (rows + kRowMultiple - 1) / kRowMultiple * kRowMultiple;
}

// The first layer's rows of one document, kept as they come.
class DistinctTokens {
 public:
  // Replaces each of the `count` rows of `qkv` [count,width], of the tokens `ids`, whose token has
  // been seen before by the row it had then.
  void settle(const std::int64_t* ids, std::int64_t count, float* qkv, std::int64_t width);

  // The same, of the tokens that `settle` has seen alone.
  void reuse(const std::int64_t* ids, std::int64_t count, float* qkv, std::int64_t width);

  // That the rows seen so far take.
  std::int64_t bytes() const;

 private:
  std::unordered_map<std::int64_t, std::vector<float>> rows_;
};

}  // namespace pressroom
