// What all layers of a cell have in common.
#pragma once

#include <cstdint>

#include "engine/cache/head_cache.h"
#include "model/rotary.h"
#include "pressroom/method.h"

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
  const RotaryTable* rotary = nullptr;
  const SequentialKernel* kernel = nullptr;  // of replay

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

}  // namespace pressroom
