// All tokens of one document in one layer, head by head.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/layer_state.h"
#include "pressroom/cache_view.h"

namespace pressroom {

// Queries, keys and values as contiguous memory for each head, rotated by original position.
class TokenBlock final : public EntriesView {
 public:
  // `qkv` [rows,(H+2G)d] and `input` [rows,D] are borrowed, and so are `ids` [N]; of the rows, the
  // first N are the document's.
  TokenBlock(const LayerSetup& setup, const std::vector<std::int64_t>& ids, const at::Tensor& qkv,
             const at::Tensor& input);

  // Fills the queries, keys and values of one KV head. Heads may be filled at the same time.
  void fill(std::int64_t kv_head);

  const float* head_queries(std::int64_t kv_head) const;  // [g,N,d]
  const float* head_keys(std::int64_t kv_head) const;     // [N,d]
  const float* head_values(std::int64_t kv_head) const;   // [N,d]

  std::int64_t size() const override { return tokens_; }
  at::Tensor positions() const override;
  at::Tensor token_ids() const override;
  at::Tensor keys() const override;
  at::Tensor values() const override;
  at::Tensor keys_before_rope() const override;
  at::Tensor attention_input() const override;

 private:
  const LayerSetup& setup_;
  const std::vector<std::int64_t>& ids_;
  const at::Tensor& qkv_;
  const at::Tensor& input_;
  std::int64_t tokens_;
  at::Tensor queries_, keys_, values_;  // [G,g,N,d], [G,N,d], [G,N,d]
};

}  // namespace pressroom
