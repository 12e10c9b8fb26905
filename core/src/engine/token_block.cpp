#include "engine/token_block.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/views.h"

namespace pressroom {

TokenBlock::TokenBlock(const LayerSetup& setup, const std::vector<std::int64_t>& ids,
                       const at::Tensor& qkv, const at::Tensor& input)
    : setup_(setup),
      ids_(ids),
      qkv_(qkv),
      input_(input),
      tokens_(static_cast<std::int64_t>(ids.size())) {
  const ModelFacts& model = setup.model;
  queries_ = at::empty({model.kv_heads, model.group_size(), tokens_, model.head_dim}, at::kFloat);
  keys_ = at::empty({model.kv_heads, tokens_, model.head_dim}, at::kFloat);
  values_ = at::empty({model.kv_heads, tokens_, model.head_dim}, at::kFloat);
}

void TokenBlock::fill(std::int64_t kv_head) {
  const ModelFacts& model = setup_.model;
  const std::int64_t d = model.head_dim;
  const std::int64_t group = model.group_size();
  const std::int64_t query_width = model.query_heads * d;
  const std::int64_t row_width = query_width + 2 * model.kv_heads * d;
  float* queries = queries_.data_ptr<float>() + kv_head * group * tokens_ * d;
  float* keys = keys_.data_ptr<float>() + kv_head * tokens_ * d;
  float* values = values_.data_ptr<float>() + kv_head * tokens_ * d;
  for (std::int64_t t = 0; t < tokens_; ++t) {
    const float* row = qkv_.data_ptr<float>() + t * row_width;
    for (std::int64_t h = 0; h < group; ++h) {
      setup_.rotary->rotate(row + (kv_head * group + h) * d, t, queries + (h * tokens_ + t) * d);
    }
    setup_.rotary->rotate(row + query_width + kv_head * d, t, keys + t * d);
    std::copy_n(row + query_width + (model.kv_heads + kv_head) * d, d, values + t * d);
  }
}

const float* TokenBlock::head_queries(std::int64_t kv_head) const {
  return queries_.data_ptr<float>() +
         kv_head * setup_.model.group_size() * tokens_ * setup_.model.head_dim;
}

const float* TokenBlock::head_keys(std::int64_t kv_head) const {
  return keys_.data_ptr<float>() + kv_head * tokens_ * setup_.model.head_dim;
}

const float* TokenBlock::head_values(std::int64_t kv_head) const {
  return values_.data_ptr<float>() + kv_head * tokens_ * setup_.model.head_dim;
}

at::Tensor TokenBlock::positions() const { return at::arange(tokens_, at::kLong); }

at::Tensor TokenBlock::token_ids() const {
  return at::from_blob(const_cast<std::int64_t*>(ids_.data()), {tokens_}, at::kLong);
}

at::Tensor TokenBlock::keys() const { return keys_; }

at::Tensor TokenBlock::values() const { return values_; }

at::Tensor TokenBlock::keys_before_rope() const {
  const ModelFacts& model = setup_.model;
  const std::int64_t query_width = model.query_heads * model.head_dim;
  const at::Tensor raw =
      qkv_.narrow(0, 0, tokens_).narrow(1, query_width, model.kv_heads * model.head_dim);
  return raw.contiguous().view({tokens_, model.kv_heads, model.head_dim}).transpose(0, 1);
}

at::Tensor TokenBlock::attention_input() const {
  require(setup_.plan.needs.attention_input, "the attention input", "attention_input");
  return input_.narrow(0, 0, tokens_);
}

}  // namespace pressroom
