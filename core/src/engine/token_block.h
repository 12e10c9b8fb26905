// All tokens of one document in one layer, head by head.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/layer_setup.h"

namespace pressroom {

// Queries, keys and values as contiguous memory for each head, rotated by original position.
class TokenBlock {
 public:
  // Borrowed.
  TokenBlock(const LayerSetup& setup, const TokenRows& tokens);

  // Fills the queries, keys and values of one KV head. Heads may be filled at the same time.
  void fill(std::int64_t kv_head);

  const float* queries(std::int64_t kv_head) const;  // [g,N,d]
  const float* keys(std::int64_t kv_head) const;     // [N,d]; of all heads from head 0: [G,N,d]
  const float* values(std::int64_t kv_head) const;   // [N,d]

 private:
  std::int64_t head_elements() const { return tokens_.count * setup_.model.head_dim; }

  const LayerSetup& setup_;
  const TokenRows& tokens_;
  std::vector<float> queries_, keys_, values_;  // [G,g,N,d], [G,N,d], [G,N,d]
};

}  // namespace pressroom
