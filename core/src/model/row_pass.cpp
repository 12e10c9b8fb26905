#include "model/row_pass.h"

#include <ATen/ATen.h>

#include "model/few_rows.h"
#include "model/products.h"
#include "model/row_kernels.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

const float* numbers_of(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

}  // namespace

RowPass::RowPass(const Model& model, std::int64_t most_rows) : model_(model) {
  PRESSROOM_ASSERT(model.device().is_cpu() && most_rows >= 1 && most_rows <= kMostFewRows);
  const auto room = [most_rows](std::int64_t width) {
    return Numbers(static_cast<std::size_t>(most_rows * width));
  };
  const ModelFacts& facts = model.facts();
  const LayerWeights& layer = model.layer(0);
  for (Numbers* numbers : {&x_, &normed_, &projected_, &mlp_normed_, &down_}) {
    *numbers = room(facts.hidden_size);
  }
  qkv_ = room(layer.qkv.weight.out());
  gate_up_ = room(layer.gate_up.weight.out());
  logits_ = room(model.output_head().out());
}

void RowPass::embed(const std::vector<std::int64_t>& ids) {
  count_ = static_cast<std::int64_t>(ids.size());
  const std::int64_t width = model_.facts().hidden_size;
  PRESSROOM_ASSERT(count_ * width <= static_cast<std::int64_t>(x_.size()));
  for (std::int64_t r = 0; r < count_; ++r) {
    model_.embedding().widen(ids[static_cast<std::size_t>(r)], 1, x_.data() + r * width);
  }
}

const float* RowPass::attention_input(std::int64_t layer) {
  norm(x_, model_.layer(layer).attention_norm, normed_);
  return normed_.data();
}

float* RowPass::qkv(std::int64_t index) {
  const LayerWeights& layer = model_.layer(index);
  apply(layer.qkv, normed_.data(), qkv_);
  if (layer.query_norm.defined()) {
    const ModelFacts& facts = model_.facts();
    norm_heads(0, facts.query_heads, layer.query_norm);
    norm_heads(facts.query_heads * facts.head_dim, facts.kv_heads, layer.key_norm);
  }
  return qkv_.data();
}

void RowPass::finish_layer(std::int64_t index, const float* attention) {
  const LayerWeights& layer = model_.layer(index);
  const bool is_parallel = model_.description().parallel_residual;
  const std::int64_t count = count_ * model_.facts().hidden_size;
  // GPT-NeoX: attention and MLP both read the layer's input, and are added to it.
  if (is_parallel) norm(x_, layer.mlp_norm, mlp_normed_);
  apply(layer.attention_output, attention, projected_);
  add_to(projected_.data(), count, x_.data());
  if (!is_parallel) norm(x_, layer.mlp_norm, mlp_normed_);
  apply(layer.gate_up, mlp_normed_.data(), gate_up_);
  activate(gate_up_);
  apply(layer.down, gate_up_.data(), down_);
  add_to(down_.data(), count, x_.data());
}

const float* RowPass::logits() {
  norm(x_, model_.final_norm(), normed_);
  apply(model_.output_head(), {}, normed_.data(), logits_);
  return logits_.data();
}

void RowPass::norm(const Numbers& x, const Norm& norm, Numbers& out) const {
  const ModelDescription& description = model_.description();
  const std::int64_t width = description.facts.hidden_size;
  for (std::int64_t r = 0; r < count_; ++r) {
    const float* row = x.data() + r * width;
    float* normed = out.data() + r * width;
    if (description.norm == NormKind::kRms) {
      rms_norm(row, width, numbers_of(norm.weight), description.norm_epsilon, normed);
    } else {
      layer_norm(row, width, numbers_of(norm.weight), numbers_of(norm.bias),
                 description.norm_epsilon, normed);
    }
  }
}

void RowPass::norm_heads(std::int64_t first, std::int64_t heads, const at::Tensor& weight) {
  const std::int64_t head_dim = model_.facts().head_dim;
  const std::int64_t width = model_.layer(0).qkv.weight.out();
  for (std::int64_t r = 0; r < count_; ++r) {
    for (std::int64_t h = 0; h < heads; ++h) {
      float* head = qkv_.data() + r * width + first + h * head_dim;
      rms_norm(head, head_dim, numbers_of(weight), model_.description().norm_epsilon, head);
    }
  }
}

void RowPass::apply(const Weight& weight, const at::Tensor& bias, const float* in,
                    Numbers& out) const {
  shared_few_rows_product(in, count_, weight, numbers_of(bias), out.data());
}

// Of gate and up, side by side in each row, silu(gate) * up, or what the family has; the rows move
// together, [rows,F], for the product that follows.
void RowPass::activate(Numbers& gate_up) const {
  const ModelDescription& description = model_.description();
  const std::int64_t size = description.mlp_size;
  const bool is_gated = !description.tensors.mlp_gate.empty();
  const std::int64_t width = is_gated ? 2 * size : size;
  for (std::int64_t r = 0; r < count_; ++r) {
    const float* gate = gate_up.data() + r * width;
    // At or before where the row is read from: nothing is overwritten that is still needed.
    pressroom::activate(description.activation, gate, is_gated ? gate + size : nullptr, size,
                        gate_up.data() + r * size);
  }
}

}  // namespace pressroom
