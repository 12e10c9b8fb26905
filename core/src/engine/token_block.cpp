#include "engine/token_block.h"

#include <algorithm>

namespace pressroom {

TokenBlock::TokenBlock(const LayerSetup& setup, const TokenRows& tokens)
    : setup_(setup),
      tokens_(tokens),
      queries_(static_cast<std::size_t>(setup.model.query_heads * head_elements())),
      keys_(static_cast<std::size_t>(setup.model.kv_heads * head_elements())),
      values_(keys_.size()) {}

void TokenBlock::fill(std::int64_t kv_head) {
  const ModelFacts& model = setup_.model;
  const std::int64_t d = model.head_dim;
  const std::int64_t group = model.group_size();
  float* queries = queries_.data() + kv_head * group * head_elements();
  float* keys = keys_.data() + kv_head * head_elements();
  float* values = values_.data() + kv_head * head_elements();
  for (std::int64_t i = 0; i < tokens_.count; ++i) {
    const float* row = tokens_.qkv + i * setup_.qkv_width();
    const std::int64_t position = tokens_.position + i;
    for (std::int64_t h = 0; h < group; ++h) {
      setup_.rotary->rotate(row + (kv_head * group + h) * d, position,
                            queries + (h * tokens_.count + i) * d);
    }
    const float* key = row + (model.query_heads + kv_head) * d;
    setup_.rotary->rotate(key, position, keys + i * d);
    std::copy_n(key + model.kv_heads * d, d, values + i * d);
  }
}

const float* TokenBlock::queries(std::int64_t kv_head) const {
  return queries_.data() + kv_head * setup_.model.group_size() * head_elements();
}

const float* TokenBlock::keys(std::int64_t kv_head) const {
  return keys_.data() + kv_head * head_elements();
}

const float* TokenBlock::values(std::int64_t kv_head) const {
  return values_.data() + kv_head * head_elements();
}

}  // namespace pressroom
