// The gate of Fast KVzip: a small attention-shaped network that guesses, from the hidden state a
// token's key and value come from, what KVzip would say of it.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pressroom/model_facts.h"
#include "pressroom/tensor_file.h"

namespace pressroom {

// x / sqrt(mean(x^2) + 1e-6) * weight, over the last dimension.
inline at::Tensor rms_normed(const at::Tensor& x, const at::Tensor& weight) {
  return x * (x.square().mean(-1, /*keepdim=*/true) + 1e-6).rsqrt() * weight;
}

// Size `dim` of a tensor that tells a size itself; 1 where it has none, for the check that follows.
inline std::int64_t size_told(const NamedTensors& tensors, const std::string& name,
                              std::int64_t dim) {
  const auto found = tensors.find(name);
  const bool has_it = found != tensors.end() && found->second.dim() >= -dim;
  return has_it ? found->second.size(dim) : 1;
}

// The gate of one layer. m channels and S learned base keys, both told by the weights' shapes.
class FastKvZipGate {
 public:
  // Reads the tensors layers.{layer}.q_proj.weight [G*g*m,D], q_proj.bias [G*g*m], k_proj.weight
  // [G*m,D], q_norm.weight [m], k_norm.weight [m], k_base [G,1,S,m] and b [G,1,g]. Throws Error
  // where one is missing or does not fit the model.
  FastKvZipGate(const NamedTensors& tensors, std::int64_t layer, const ModelFacts& model,
                const std::filesystem::path& file);

  // [G,n] in (0,1), for `hidden` [n,D]. With q = norm(W_Q h + b_Q) and k = norm(W_K h), per head
  // and query head of its group: the mean over the group of
  //   1 / (1 + sum_s exp(q k_base_s / sqrt(m) - (q k / sqrt(m) + b)))
  at::Tensor scores(const at::Tensor& hidden) const;

 private:
  at::Tensor w_q_, bias_q_, w_k_, norm_q_, norm_k_, base_, bias_;
};

inline FastKvZipGate::FastKvZipGate(const NamedTensors& tensors, std::int64_t layer,
                                    const ModelFacts& model, const std::filesystem::path& file) {
  const std::string prefix = "layers." + std::to_string(layer) + ".";
  const std::int64_t heads = model.kv_heads;
  const std::int64_t group = model.group_size();
  const std::int64_t width = size_told(tensors, prefix + "q_norm.weight", -1);
  const std::int64_t sinks = size_told(tensors, prefix + "k_base", -2);
  const auto take = [&](const char* name, const std::vector<std::int64_t>& shape) {
    return take_tensor(tensors, prefix + name, shape, file);
  };
  norm_q_ = take("q_norm.weight", {width});
  norm_k_ = take("k_norm.weight", {width});
  w_q_ = take("q_proj.weight", {heads * group * width, model.hidden_size});
  bias_q_ = take("q_proj.bias", {heads * group * width});
  w_k_ = take("k_proj.weight", {heads * width, model.hidden_size});
  base_ = take("k_base", {heads, 1, sinks, width}).squeeze(1).transpose(1, 2);  // [G,m,S]
  bias_ = take("b", {heads, 1, group}).squeeze(1);                              // [G,g]
}

inline at::Tensor FastKvZipGate::scores(const at::Tensor& hidden) const {
  const std::int64_t tokens = hidden.size(0);
  const std::int64_t heads = bias_.size(0);
  const std::int64_t width = norm_q_.size(0);
  const at::Tensor queries = rms_normed(
      at::linear(hidden, w_q_, bias_q_).view({tokens, heads, bias_.size(1), width}), norm_q_);
  const at::Tensor keys =
      rms_normed(at::linear(hidden, w_k_).view({tokens, heads, 1, width}), norm_k_);
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  const at::Tensor logits =
      (queries * keys).sum(-1, /*keepdim=*/true) * scale + bias_.unsqueeze(-1);  // [n,G,g,1]
  const at::Tensor base = at::matmul(queries, base_) * scale;                    // [n,G,g,S]
  const at::Tensor odds = (base - logits).exp().sum(-1);                         // [n,G,g]
  return (1 / (1 + odds)).mean(-1).t();
}

}  // namespace pressroom
