// A tiny Llama with random weights, written the way Hugging Face writes one.
//
//   TinyModel tiny(TinyShape(), RandomKey(7));
//   decode_documents(tiny.model(), ...);      // or Model::load(tiny.directory())
//   tiny.weights().at("lm_head.weight");   // what a reference computes from
//
// Weights are small integers times a power of two, exact in float32, float16 and bfloat16 alike.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/model.h"
#include "plugin_test_support.h"
#include "pressroom/random.h"

namespace pressroom {

struct TinyShape {
  std::int64_t layers = 2;
  std::int64_t query_heads = 4;
  std::int64_t kv_heads = 2;
  std::int64_t head_dim = 4;
  std::int64_t hidden_size = 16;
  std::int64_t mlp_size = 24;
  std::int64_t vocabulary = 40;
  bool attention_bias = false;
  bool mlp_bias = false;
  bool tied_embeddings = false;
  double rope_theta = 10000;
  bool rope_parameters = false;  // rope_theta inside `rope_parameters`, the newer spelling
  std::string dtype = "F32";     // F16, BF16
};

struct TinyTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

using TinyWeights = std::map<std::string, TinyTensor>;

constexpr double kTinyNormEpsilon = 1e-5;

TinyWeights random_weights(const TinyShape& shape, const RandomKey& random);

nlohmann::json config_json(const TinyShape& shape);

// The bytes of `values`, each of which must be exact in `dtype`.
std::string encoded(const std::vector<float>& values, const std::string& dtype);

// A safetensors file of these bytes, the header as it is given.
std::string safetensors_bytes(const std::string& header, const std::string& data);
std::string safetensors_bytes(const TinyWeights& weights, const std::string& dtype);

// config.json and model.safetensors in `directory`.
void write_model(const std::filesystem::path& directory, const TinyShape& shape,
                 const TinyWeights& weights);

// A model in a folder that is gone with the object.
class TinyModel {
 public:
  TinyModel(const TinyShape& shape, const TinyWeights& weights);
  TinyModel(const TinyShape& shape, const RandomKey& random);

  const Model& model() const { return *model_; }
  const TinyShape& shape() const { return shape_; }
  const TinyWeights& weights() const { return weights_; }
  const std::filesystem::path& directory() const { return folder_.path(); }

 private:
  TinyShape shape_;
  TinyWeights weights_;
  ScratchFolder folder_;
  std::unique_ptr<Model> model_;
};

// `count` token ids below the vocabulary.
std::vector<std::int64_t> random_ids(std::int64_t count, const TinyShape& shape,
                                     const RandomKey& random);

}  // namespace pressroom
