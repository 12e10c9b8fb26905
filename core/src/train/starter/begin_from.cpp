#include "train/starter/begin_from.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "base/whole_file.h"
#include "model/config_file.h"
#include "pressroom/error.h"
#include "weights/safetensors.h"

namespace pressroom {
namespace {

constexpr const char* kWeightsFile = "model.safetensors";
constexpr const char* kConfigFile = "config.json";

[[noreturn]] void refuse_shape(const std::filesystem::path& file, const std::string& what,
                               const std::string& expected, const std::string& got) {
  throw Error({"the model to begin from has another shape", file.string() + ": " + what, expected,
               got, "begin from a starter model of the same sizes"});
}

// Layers of the model in `directory`.
std::int64_t checked_layers(const std::filesystem::path& directory, const LlamaShape& shape) {
  const std::filesystem::path file = directory / kConfigFile;
  const auto json = nlohmann::json::parse(text_of_file(file), nullptr, false);
  const ConfigFile config(json, file.string());
  const auto expect = [&](const char* key, std::int64_t expected) {
    const std::int64_t got = config.size(key);
    if (got != expected) refuse_shape(file, key, std::to_string(expected), std::to_string(got));
  };
  // The matrices' shapes do not tell how many heads they are cut into.
  expect("num_attention_heads", shape.heads);
  expect("num_key_value_heads", shape.kv_heads);
  const std::int64_t layers = config.size("num_hidden_layers");
  if (layers > shape.layers) {
    refuse_shape(file, "num_hidden_layers", "at most " + std::to_string(shape.layers),
                 std::to_string(layers));
  }
  return layers;
}

// The layer in "model.layers.3.mlp.up_proj.weight"; -1 for what belongs to none.
std::int64_t layer_of(const std::string& name) {
  const std::string before = "model.layers.";
  return name.rfind(before, 0) == 0 ? std::stoll(name.substr(before.size())) : -1;
}

bool adds_to_the_stream(const std::string& name) {
  return name.find("o_proj") != std::string::npos || name.find("down_proj") != std::string::npos;
}

}  // namespace

void begin_from(const std::filesystem::path& directory, LlamaNet* net) {
  const std::int64_t layers = checked_layers(directory, net->shape());
  const SafetensorsFile weights(directory / kWeightsFile);
  float* values = net->parameters().data_ptr<float>();
  for (const ParameterSlice& slice : net->slices()) {
    float* to = values + slice.offset;
    if (layer_of(slice.name) >= layers) {
      std::int64_t size = 1;
      for (const std::int64_t side : slice.shape) size *= side;
      if (adds_to_the_stream(slice.name)) std::fill(to, to + size, 0.0f);
      continue;
    }
    const std::vector<std::int64_t>& got = weights.shape(slice.name);
    if (got != slice.shape) {
      refuse_shape(directory / kWeightsFile, slice.name, shape_text(slice.shape), shape_text(got));
    }
    weights.read_rows(slice.name, 0, slice.shape[0], to);
  }
}

std::string begin_from_sha256(const std::filesystem::path& directory) {
  Sha256 hash;
  for (const char* name : {kConfigFile, kWeightsFile, "tokenizer.json"}) {
    hash.update(sha256_file(directory / name)).update("\n");
  }
  return hash.hex();
}

}  // namespace pressroom
