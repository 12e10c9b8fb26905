#include "model/model.h"

#include <ATen/ATen.h>

#include "model/products.h"

namespace pressroom {
namespace {

// x / sqrt(mean(x^2) + epsilon) * w over the last dimension.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  const at::Tensor mean_square = at::mean(x * x, {-1}, /*keepdim=*/true);
  return x * at::rsqrt(mean_square + epsilon) * weight;
}

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    default:
      return at::silu(x);
  }
}

at::Tensor apply(const Linear& linear, const at::Tensor& x) {
  return product(x, linear.weight, linear.bias);
}

}  // namespace

at::Tensor Model::norm(const at::Tensor& x, const Norm& norm) const {
  const double epsilon = description_.norm_epsilon;
  if (description_.norm == NormKind::kRms) return rms_norm(x, norm.weight, epsilon);
  return at::layer_norm(x, {x.size(-1)}, norm.weight, norm.bias, epsilon);
}

std::int64_t Model::weight_bytes_of_step() const {
  return description_.tied_embeddings ? weight_bytes_ : weight_bytes_ - embedding_.bytes();
}

at::Tensor Model::embed(const at::Tensor& ids) const {
  return embedding_.gathered(ids.to(device()));
}

at::Tensor Model::attention_input(std::int64_t layer, const at::Tensor& x) const {
  return norm(x, layers_[layer].attention_norm);
}

at::Tensor Model::qkv(std::int64_t index, const at::Tensor& input) const {
  const LayerWeights& layer = layers_[index];
  at::Tensor qkv = apply(layer.qkv, input);
  if (!layer.query_norm.defined()) return qkv;
  const ModelFacts& facts = description_.facts;
  const at::Tensor heads = qkv.view({qkv.size(0), -1, facts.head_dim});
  const at::Tensor queries = heads.narrow(1, 0, facts.query_heads);
  const at::Tensor keys = heads.narrow(1, facts.query_heads, facts.kv_heads);
  // Views of `qkv`: what is copied into them is returned with it.
  queries.copy_(rms_norm(queries, layer.query_norm, description_.norm_epsilon));
  keys.copy_(rms_norm(keys, layer.key_norm, description_.norm_epsilon));
  return qkv;
}

at::Tensor Model::mlp(const LayerWeights& layer, const at::Tensor& x) const {
  const at::Tensor up = apply(layer.gate_up, norm(x, layer.mlp_norm));
  const Activation activation = description_.activation;
  if (description_.tensors.mlp_gate.empty()) return apply(layer.down, activate(up, activation));
  const std::int64_t size = description_.mlp_size;
  return apply(layer.down, activate(up.narrow(1, 0, size), activation) * up.narrow(1, size, size));
}

at::Tensor Model::finish_layer(std::int64_t index, const at::Tensor& x,
                               const at::Tensor& attention) const {
  const LayerWeights& layer = layers_[index];
  const at::Tensor h = x + apply(layer.attention_output, attention);
  // GPT-NeoX: attention and MLP both read the layer's input, and are added to it.
  return h + mlp(layer, description_.parallel_residual ? x : h);
}

at::Tensor Model::logits(const at::Tensor& x) const {
  return product(norm(x.to(device()), final_norm_), output_head_, {});
}

}  // namespace pressroom
