#include "model/model.h"

#include <ATen/ATen.h>

#include "model/products.h"
#include "model/safetensors.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

std::string in_layer(const std::string& pattern, std::int64_t layer) {
  std::string name = pattern;
  return name.replace(name.find("{}"), 2, std::to_string(layer));
}

// Reads the tensors of one model and adds up what they take.
class WeightReader {
 public:
  WeightReader(const SafetensorsFile& file, const ModelDescription& description)
      : file_(file), description_(description) {}

  at::Tensor read(const std::string& name, const std::vector<std::int64_t>& shape) {
    at::Tensor weight = file_.read(name, shape);
    bytes_ += weight.numel() * static_cast<std::int64_t>(sizeof(float));
    return weight;
  }

  // Rows of several projections of `input` columns, stacked.
  at::Tensor stacked(const std::vector<std::pair<std::string, std::int64_t>>& parts,
                     std::int64_t input) {
    std::vector<at::Tensor> weights;
    for (const auto& [name, rows] : parts) weights.push_back(read(name + ".weight", {rows, input}));
    return weights.size() == 1 ? weights[0] : at::cat(weights);
  }
  at::Tensor stacked_bias(const std::vector<std::pair<std::string, std::int64_t>>& parts,
                          bool present) {
    if (!present) return {};
    std::vector<at::Tensor> biases;
    for (const auto& [name, rows] : parts) biases.push_back(read(name + ".bias", {rows}));
    return at::cat(biases);
  }

  LayerWeights layer(std::int64_t index) {
    const ModelFacts& facts = description_.facts;
    const TensorNames& names = description_.tensors;
    const std::int64_t width = facts.hidden_size;
    const std::int64_t queries = facts.query_heads * facts.head_dim;
    const std::int64_t keys = facts.kv_heads * facts.head_dim;
    using Parts = std::vector<std::pair<std::string, std::int64_t>>;
    const Parts qkv = {{in_layer(names.query, index), queries},
                       {in_layer(names.key, index), keys},
                       {in_layer(names.value, index), keys}};
    const Parts output = {{in_layer(names.attention_output, index), width}};
    const Parts gate_up = {{in_layer(names.mlp_gate, index), description_.mlp_size},
                           {in_layer(names.mlp_up, index), description_.mlp_size}};
    const Parts down = {{in_layer(names.mlp_down, index), width}};

    LayerWeights layer;
    layer.attention_norm = read(in_layer(names.attention_norm, index), {width});
    layer.qkv = stacked(qkv, width);
    layer.qkv_bias = stacked_bias(qkv, description_.attention_bias);
    layer.attention_output = stacked(output, queries);
    layer.attention_output_bias = stacked_bias(output, description_.attention_bias);
    layer.mlp_norm = read(in_layer(names.mlp_norm, index), {width});
    layer.gate_up = stacked(gate_up, width);
    layer.gate_up_bias = stacked_bias(gate_up, description_.mlp_bias);
    layer.down = stacked(down, description_.mlp_size);
    layer.down_bias = stacked_bias(down, description_.mlp_bias);
    return layer;
  }

  std::int64_t bytes() const { return bytes_; }

 private:
  const SafetensorsFile& file_;
  const ModelDescription& description_;
  std::int64_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Model> Model::load(const std::filesystem::path& directory) {
  std::unique_ptr<Model> model(new Model());
  model->directory_ = directory;
  model->description_ = read_description(directory);
  const ModelDescription& description = model->description_;
  const ModelFacts& facts = description.facts;
  const SafetensorsFile file(directory / "model.safetensors");
  WeightReader reader(file, description);
  const std::vector<std::int64_t> table = {facts.vocabulary, facts.hidden_size};
  model->embedding_ = reader.read(description.tensors.embedding, table);
  model->output_head_ = description.tied_embeddings
                            ? model->embedding_
                            : reader.read(description.tensors.output_head, table);
  model->final_norm_ = reader.read(description.tensors.final_norm, {facts.hidden_size});
  for (std::int64_t index = 0; index < facts.layers; ++index) {
    model->layers_.push_back(reader.layer(index));
  }
  model->weight_bytes_ = reader.bytes();
  return model;
}

// RMSNorm (Zhang and Sennrich 2019): x / sqrt(mean(x^2) + epsilon) * w.
at::Tensor Model::norm(const at::Tensor& x, const at::Tensor& weight) const {
  const at::Tensor mean_square = at::mean(x * x, {-1}, /*keepdim=*/true);
  return x * at::rsqrt(mean_square + description_.norm_epsilon) * weight;
}

at::Tensor Model::embed(const at::Tensor& ids) const { return embedding_.index_select(0, ids); }

at::Tensor Model::attention_input(std::int64_t layer, const at::Tensor& x) const {
  return norm(x, layers_[layer].attention_norm);
}

at::Tensor Model::qkv(std::int64_t layer, const at::Tensor& input) const {
  return product(input, layers_[layer].qkv, layers_[layer].qkv_bias);
}

at::Tensor Model::finish_layer(std::int64_t index, const at::Tensor& x,
                               const at::Tensor& attention) const {
  const LayerWeights& layer = layers_[index];
  const at::Tensor h = x + product(attention, layer.attention_output, layer.attention_output_bias);
  const at::Tensor gate_up = product(norm(h, layer.mlp_norm), layer.gate_up, layer.gate_up_bias);
  const std::int64_t size = description_.mlp_size;
  const at::Tensor activated = at::silu(gate_up.narrow(1, 0, size)) * gate_up.narrow(1, size, size);
  return h + product(activated, layer.down, layer.down_bias);
}

at::Tensor Model::logits(const at::Tensor& x) const {
  return product(norm(x, final_norm_), output_head_, {});
}

}  // namespace pressroom
