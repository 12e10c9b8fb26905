// The starter model as libtorch can train it: a Llama block stack with tied embeddings.
//
//   LlamaNet net(shape, seed);
//   at::Tensor loss = net.loss(ids, weights);   // ids [batch, length + 1]
//   loss.backward();                            // adds to net.gradients()
//
// Attention is grouped-query and causal, the rotary embedding rotates halves (Hugging Face's
// convention), norms are RMS norms, the MLP is SwiGLU, nothing has a bias. All parameters lie in
// one flat fp32 vector, matrices first and norm weights last, so that an optimiser is a few
// operations on vectors and a checkpoint is a few vectors.
//
//   export_model(net, "models/starter");        // as a Hugging Face model
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

struct LlamaShape {
  std::int64_t hidden_size = 192;
  std::int64_t intermediate_size = 512;
  std::int64_t layers = 4;
  std::int64_t heads = 6;
  std::int64_t kv_heads = 2;
  std::int64_t head_dim = 32;
  std::int64_t vocabulary_size = 2048;
  std::int64_t context = 1024;
  double rope_theta = 10000.0;
  double rms_norm_eps = 1e-5;
};

// A named piece of the flat parameter vector, under its name in model.safetensors.
struct ParameterSlice {
  std::string name;
  std::int64_t offset;
  std::vector<std::int64_t> shape;  // [out, in] of a matrix, [size] of a norm
};

class LlamaNet {
 public:
  // Weights drawn from `seed` alone, normal. The deviation is 0.02 for the embedding and
  // 1 / sqrt(inputs) for other matrices, of which those that write into the residual stream are
  // divided by sqrt(2 layers); norms are 1.
  LlamaNet(const LlamaShape& shape, std::uint64_t seed);

  // A network on the same parameter memory with gradients of its own.
  LlamaNet replica() const;

  // Logits [batch * length, vocabulary_size] for ids [batch, length], length <= context.
  at::Tensor logits(const at::Tensor& ids) const;

  // Negative log likelihood (nats) of ids[:, 1:] given what precedes, summed with the weights
  // [batch, length]; ids is [batch, length + 1]. A scalar with a gradient.
  at::Tensor loss(const at::Tensor& ids, const at::Tensor& weights) const;

  // Negative log likelihood of each target in nats, [batch, length], without gradient.
  at::Tensor target_nll(const at::Tensor& ids) const;

  const LlamaShape& shape() const { return shape_; }
  const std::vector<ParameterSlice>& slices() const { return slices_; }
  std::int64_t matrix_parameters() const { return matrix_parameters_; }

  // The flat vectors themselves; writing to them changes the model.
  at::Tensor& parameters() { return parameters_; }
  const at::Tensor& parameters() const { return parameters_; }
  at::Tensor& gradients() { return gradients_; }

 private:
  struct Layer {
    at::Tensor qkv, out, gate_up, down, norm_attention, norm_mlp;
  };

  LlamaNet(const LlamaShape& shape, const at::Tensor& parameters);
  void name_slices();
  void make_leaves();
  void initialise(std::uint64_t seed);
  at::Tensor leaf(std::int64_t* offset, std::vector<std::int64_t> shape);
  at::Tensor attention(const Layer& layer, const at::Tensor& x, std::int64_t batch,
                       std::int64_t length) const;

  LlamaShape shape_;
  std::vector<ParameterSlice> slices_;
  std::int64_t matrix_parameters_ = 0;
  at::Tensor parameters_, gradients_;
  at::Tensor embedding_, norm_final_;
  std::vector<Layer> layers_;
  at::Tensor rope_cos_, rope_sin_;  // [context, head_dim / 2]
};

// Writes a trained network as a Hugging Face model directory: replaces model.safetensors and
// config.json, each in one piece. Weights are rounded to fp16 (their size is far from its limits,
// and it keeps three more bits than bf16). tokenizer.json is written where the vocabulary is made,
// see bpe_trainer.h. Throws Error when a file cannot be written.
void export_model(const LlamaNet& net, const std::filesystem::path& directory);

}  // namespace pressroom
