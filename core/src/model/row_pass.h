// The forward pass of a few rows in plain memory: what a decoded step is made of. The same pieces
// as Model's, between which an engine puts its attention over the cache, without a call of a tensor
// library and, once made, without an allocation: at this height those cost more than the arithmetic
// around the products.
//
//   RowPass pass(model, 4);
//   pass.embed({17, 5});                                  // one row for each of two sequences
//   for each layer:
//     const float* input = pass.attention_input(layer);   // [rows,D]
//     float* qkv = pass.qkv(layer);                       // [rows,(H+2G)d]
//     <attention into `heads`>                            // [rows,Hd]
//     pass.finish_layer(layer, heads);
//   const float* logits = pass.logits();                  // [rows,V]
//
// A row's numbers do not depend on how many rows there are, nor on how many threads share its
// products (model/few_rows.h). Against Model's pieces they differ by rounding.
#pragma once

#include <cstdint>
#include <vector>

#include "model/model.h"

namespace pressroom {

class RowPass {
 public:
  // `model`, borrowed, lies in host memory; up to `most_rows` rows, at most kMostFewRows. Products
  // run on as many threads as set_product_threads() allows the calling thread.
  RowPass(const Model& model, std::int64_t most_rows);

  // Begins with one row for each of `ids`, which are below the model's vocabulary.
  void embed(const std::vector<std::int64_t>& ids);

  // The normed input of the layer's attention, [rows,D]; valid until finish_layer.
  const float* attention_input(std::int64_t layer);

  // Of that input queries, keys and values before rotation, [rows,(H+2G)d]; valid until the next
  // layer's. The caller may change them.
  float* qkv(std::int64_t layer);

  // Output projection, residual, MLP: with `attention` [rows,Hd] the rows pass on to the next
  // layer.
  void finish_layer(std::int64_t layer, const float* attention);

  // [rows,V]; valid until the next call.
  const float* logits();

  // The rows as they are now, [rows,D].
  const float* rows() const { return x_.data(); }
  std::int64_t count() const { return count_; }

 private:
  using Numbers = std::vector<float>;

  // Each of the rows [rows,D] of `x`, normed, into `out`.
  void norm(const Numbers& x, const Norm& norm, Numbers& out) const;
  // Norms the first `heads` heads of each row of `qkv_` from channel `first`, by head.
  void norm_heads(std::int64_t first, std::int64_t heads, const at::Tensor& weight);
  void apply(const Weight& weight, const at::Tensor& bias, const float* in, Numbers& out) const;
  void apply(const Linear& linear, const float* in, Numbers& out) const {
    apply(linear.weight, linear.bias, in, out);
  }
  void activate(Numbers& gate_up) const;

  const Model& model_;
  std::int64_t count_ = 0;  // rows
  // [most_rows, ...]: of the residual stream, its normed form, and what products give.
  Numbers x_, normed_, qkv_, projected_, mlp_normed_, gate_up_, down_, logits_;
};

}  // namespace pressroom
