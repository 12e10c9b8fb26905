#include "engine/cache/layer_setup.h"

#include <algorithm>

#include "protocol/protocol.h"

namespace pressroom {

EntryLayout LayerSetup::entry_layout() const {
  EntryLayout layout;
  layout.head_dim = model.head_dim;
  layout.kv_dtype = kv_dtype;
  layout.raw_keys = positions == Positions::kOriginal && plan.needs.keys_before_rope;
  layout.birth_score = asks_birth_scores(plan);
  layout.attention = plan.signal != Signal::kNone;
  if (plan.needs.held_inputs) {
    layout.input_floats = (model.hidden_size + model.kv_heads - 1) / model.kv_heads;
  }
  return layout;
}

void round_keys_and_values(const LayerSetup& setup, std::int64_t count, float* qkv) {
  const std::int64_t d = setup.model.head_dim;
  for (std::int64_t i = 0; i < count; ++i) {
    float* vector = qkv + i * setup.qkv_width() + setup.model.query_heads * d;
    for (std::int64_t k = 0; k < 2 * setup.model.kv_heads; ++k, vector += d) {
      round_vector(setup.kv_dtype, vector, d);
    }
  }
}

void DistinctTokens::reuse(const std::int64_t* ids, std::int64_t count, float* qkv,
                           std::int64_t width) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto known = rows_.find(ids[i]);
    if (known != rows_.end()) {
      std::copy(known->second.begin(), known->second.end(), qkv + i * width);
    }
  }
}

void DistinctTokens::settle(const std::int64_t* ids, std::int64_t count, float* qkv,
                            std::int64_t width) {
  for (std::int64_t i = 0; i < count; ++i) {
    float* row = qkv + i * width;
    const auto [known, is_new] = rows_.try_emplace(ids[i]);
    if (is_new) {
      known->second.assign(row, row + width);
    } else {
      std::copy(known->second.begin(), known->second.end(), row);
    }
  }
}

std::int64_t DistinctTokens::bytes() const {
  if (rows_.empty()) return 0;
  const std::vector<float>& row = rows_.begin()->second;  // all are of one width
  return static_cast<std::int64_t>(rows_.size() * row.size() * sizeof(row[0]));
}

}  // namespace pressroom
