// A causal language model in memory: weights and one forward pass, cut into the pieces between
// which an engine puts its attention over the cache.
//
//   x = embed(ids); for each layer: in = attention_input(l, x); qkv(l, in); <attention>;
//   x = finish_layer(l, x, attention); then logits(x)
//
// Rows are tokens: of one document or of several, the model does not care. Everything that goes in
// and out is float32. Thread-safe once loaded, on the device that device_named() finds.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <memory>
#include <string>
#include <vector>

#include "model/description.h"
#include "model/weight.h"
#include "model/weight_loader.h"

namespace pressroom {

// x W^T + b.
struct Linear {
  Weight weight;    // [out, in], in the form weights are held in
  at::Tensor bias;  // [out], or undefined
};

struct Norm {
  at::Tensor weight;  // [D]
  at::Tensor bias;    // [D], or undefined
};

struct LayerWeights {
  Norm attention_norm, mlp_norm;
  Linear qkv;                       // [(H+2G)d, D]: q, k and v stacked
  at::Tensor query_norm, key_norm;  // [d], or undefined
  Linear attention_output;          // [D, Hd]
  Linear gate_up;                   // [2F, D]: gate and up stacked; [F, D] without a gate
  Linear down;                      // [D, F]
};

// Where a model's weights lie and its products are made: "cpu", "cuda", "cuda:0", "cuda:1", ...
// Throws Error for another name, and for a device that this build of libtorch or this machine does
// not have.
at::Device device_named(const std::string& name);

struct LoadOptions {
  WeightDtype dtype = WeightDtype::kFloat32;
  std::string device = "cpu";  // a name that device_named takes
  std::int64_t threads = 1;
  LoadProgress progress;  // may be empty
};

class Model {
 public:
  // Loads the model in `files`. Throws Error for a device that is not there, before anything is
  // read; for missing, torn or mismatching files and for weights that are not finite. Peak memory
  // is that of the weights and a few MB for each thread.
  static std::unique_ptr<Model> load(const ModelFiles& files, const LoadOptions& options = {});

  const ModelFacts& facts() const { return description_.facts; }
  const ModelDescription& description() const { return description_; }
  const LayerWeights& layer(std::int64_t index) const { return layers_[index]; }
  const Weight& embedding() const { return embedding_; }      // [V,D]
  const Weight& output_head() const { return output_head_; }  // [V,D]
  const Norm& final_norm() const { return final_norm_; }
  const ModelFiles& files() const { return files_; }
  WeightDtype dtype() const { return dtype_; }
  std::int64_t weight_bytes() const { return weight_bytes_; }
  // Of these, what each decoded token reads: all but an embedding that is no output head, of which
  // a token reads its own row alone.
  std::int64_t weight_bytes_of_step() const;
  // Where the weights lie. All that goes in and out is there, but ids and what `logits` reads,
  // which may lie anywhere.
  at::Device device() const { return embedding_.device(); }

  at::Tensor embed(const at::Tensor& ids) const;                              // [n] int64 -> [n,D]
  at::Tensor attention_input(std::int64_t layer, const at::Tensor& x) const;  // [n,D] -> [n,D]
  // [n,D] -> [n,(H+2G)d]: queries, keys and values, before rotation.
  at::Tensor qkv(std::int64_t layer, const at::Tensor& input) const;
  // Output projection, residual, MLP: x [n,D] and attention [n,Hd] -> [n,D].
  at::Tensor finish_layer(std::int64_t layer, const at::Tensor& x,
                          const at::Tensor& attention) const;
  at::Tensor logits(const at::Tensor& x) const;  // [n,D] -> [n,V]

 private:
  friend class ModelBuilder;

  Model() = default;
  at::Tensor norm(const at::Tensor& x, const Norm& norm) const;
  at::Tensor mlp(const LayerWeights& layer, const at::Tensor& x) const;

  ModelFiles files_;
  ModelDescription description_;
  WeightDtype dtype_ = WeightDtype::kFloat32;
  Weight embedding_;    // [V,D]
  Weight output_head_;  // [V,D]
  Norm final_norm_;
  std::vector<LayerWeights> layers_;
  std::int64_t weight_bytes_ = 0;
};

}  // namespace pressroom
