// A causal language model in memory: float32 weights and one forward pass, cut into the pieces
// between which an engine puts its attention over the cache.
//
//   x = embed(ids); for each layer: in = attention_input(l, x); qkv(l, in); <attention>;
//   x = finish_layer(l, x, attention); then logits(x)
//
// Rows are tokens: of one document or of several, the model does not care. Thread-safe once loaded.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/description.h"

namespace pressroom {

struct LayerWeights {
  at::Tensor attention_norm;                           // [D]
  at::Tensor qkv, qkv_bias;                            // [(H+2G)d, D]: q, k and v stacked
  at::Tensor attention_output, attention_output_bias;  // [D, Hd]
  at::Tensor mlp_norm;                                 // [D]
  at::Tensor gate_up, gate_up_bias;                    // [2F, D]: gate and up stacked
  at::Tensor down, down_bias;                          // [D, F]
};

class Model {
 public:
  // Loads a Hugging Face directory (config.json, model.safetensors). Throws Error for missing, torn
  // or mismatching files and for weights that are not finite.
  static std::unique_ptr<Model> load(const std::filesystem::path& directory);

  const ModelFacts& facts() const { return description_.facts; }
  const ModelDescription& description() const { return description_; }
  const LayerWeights& layer(std::int64_t index) const { return layers_[index]; }
  const std::filesystem::path& directory() const { return directory_; }
  std::int64_t weight_bytes() const { return weight_bytes_; }

  at::Tensor embed(const at::Tensor& ids) const;                              // [n] int64 -> [n,D]
  at::Tensor attention_input(std::int64_t layer, const at::Tensor& x) const;  // [n,D] -> [n,D]
  // [n,D] -> [n,(H+2G)d]: queries, keys and values, before rotation.
  at::Tensor qkv(std::int64_t layer, const at::Tensor& input) const;
  // Output projection, residual, MLP: x [n,D] and attention [n,Hd] -> [n,D].
  at::Tensor finish_layer(std::int64_t layer, const at::Tensor& x,
                          const at::Tensor& attention) const;
  at::Tensor logits(const at::Tensor& x) const;  // [n,D] -> [n,V]

 private:
  Model() = default;
  at::Tensor norm(const at::Tensor& x, const at::Tensor& weight) const;

  std::filesystem::path directory_;
  ModelDescription description_;
  at::Tensor embedding_;    // [V,D]
  at::Tensor output_head_;  // [V,D]
  at::Tensor final_norm_;   // [D]
  std::vector<LayerWeights> layers_;
  std::int64_t weight_bytes_ = 0;
};

// Where the model `name` lies: "starter", or a directory. Throws Error when it is neither.
std::filesystem::path find_model(const std::string& name);

}  // namespace pressroom
