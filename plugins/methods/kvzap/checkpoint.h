// The checkpoint of kvzap: for each layer a small network that guesses, from the hidden state a
// token's key and value come from, what a second reading of the text would say of it.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/model_facts.h"
#include "pressroom/tensor_file.h"

namespace pressroom {

// y = W2 gelu(W1 x + b1) + b2, or W2 x + b2 where there is no hidden layer.
struct KvzapScorer {
  at::Tensor hidden_weight, hidden_bias;  // [m,D], [m], or undefined
  at::Tensor weight, bias;                // [G,m] or [G,D], [G]

  // [G,n], for `hidden` [n,D].
  at::Tensor scores(const at::Tensor& hidden) const {
    at::Tensor x = hidden;
    if (hidden_weight.defined()) x = at::gelu(at::addmm(hidden_bias, x, hidden_weight.t()));
    return at::addmm(bias, x, weight.t()).t();
  }
};

// What a checkpoint's config.json says of its shape.
struct KvzapShape {
  std::int64_t inputs = 0;
  std::int64_t hidden = 0;  // 0: linear
  std::int64_t outputs = 0;
  std::int64_t modules = 0;
};

inline KvzapShape read_shape(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error({"there are no weights for kvzap", file.string(),
                 "a checkpoint: config.json and model.safetensors", "no such file",
                 "make one with `pressroom train kvzap`, or name one with `weights`"});
  }
  try {
    const nlohmann::json config = nlohmann::json::parse(in);
    const nlohmann::json hidden = config.value("hidden_dim", nlohmann::json());
    return {config.at("input_dim"), hidden.is_null() ? 0 : hidden.get<std::int64_t>(),
            config.at("output_dim"), config.at("n_modules")};
  } catch (const nlohmann::json::exception& error) {
    throw Error({"this is not the config.json of a kvzap checkpoint", file.string(),
                 "input_dim, output_dim, n_modules and hidden_dim", error.what(),
                 "check `weights`"});
  }
}

// The shape of a checkpoint that came without a config.json.
inline KvzapShape shape_of(const NamedTensors& tensors) {
  KvzapShape shape;
  const auto first = tensors.find("layers.0.weight");
  const auto hidden = tensors.find("layers.0.0.weight");
  const auto last = tensors.find("layers.0.2.weight");
  if (first != tensors.end() && first->second.dim() == 2) {
    shape.inputs = first->second.size(1);
    shape.outputs = first->second.size(0);
  } else if (hidden != tensors.end() && last != tensors.end() && hidden->second.dim() == 2) {
    shape.inputs = hidden->second.size(1);
    shape.hidden = hidden->second.size(0);
    shape.outputs = last->second.size(0);
  }
  const std::string end = shape.hidden > 0 ? ".2.weight" : ".weight";
  while (tensors.count("layers." + std::to_string(shape.modules) + end) > 0) ++shape.modules;
  return shape;
}

inline void check_fit(const KvzapShape& shape, const ModelFacts& model, const std::string& where) {
  const auto text = [](std::int64_t inputs, std::int64_t outputs, std::int64_t modules) {
    return "input_dim " + std::to_string(inputs) + ", output_dim " + std::to_string(outputs) +
           ", n_modules " + std::to_string(modules);
  };
  const std::string needed = text(model.hidden_size, model.kv_heads, model.layers);
  const std::string found = text(shape.inputs, shape.outputs, shape.modules);
  if (needed == found) return;
  throw Error({"the kvzap checkpoint does not fit", where, needed + " for " + model.name, found,
               "name a checkpoint made for this model, or make one: pressroom train kvzap"});
}

// The scorer of each layer. `path`: a checkpoint's directory, or its safetensors file alone. Throws
// Error where something is missing or does not fit the model.
inline std::vector<KvzapScorer> read_scorers(const std::filesystem::path& path,
                                             const ModelFacts& model) {
  const bool is_file = std::filesystem::is_regular_file(path);
  const std::filesystem::path file = is_file ? path : path / "model.safetensors";
  KvzapShape shape;
  if (!is_file) shape = read_shape(path / "config.json");
  const NamedTensors tensors = read_tensors(file);
  if (is_file) shape = shape_of(tensors);
  check_fit(shape, model, path.string());
  const bool is_mlp = shape.hidden > 0;
  std::vector<KvzapScorer> scorers(static_cast<std::size_t>(shape.modules));
  for (std::size_t layer = 0; layer < scorers.size(); ++layer) {
    const std::string name = "layers." + std::to_string(layer) + ".";
    const std::string last = is_mlp ? name + "2." : name;
    const auto take = [&](const std::string& tensor, const std::vector<std::int64_t>& of_shape) {
      return take_tensor(tensors, tensor, of_shape, file);
    };
    KvzapScorer& scorer = scorers[layer];
    if (is_mlp) {
      scorer.hidden_weight = take(name + "0.weight", {shape.hidden, shape.inputs});
      scorer.hidden_bias = take(name + "0.bias", {shape.hidden});
    }
    scorer.weight = take(last + "weight", {shape.outputs, is_mlp ? shape.hidden : shape.inputs});
    scorer.bias = take(last + "bias", {shape.outputs});
  }
  return scorers;
}

}  // namespace pressroom
