#include "tiny_model.h"

#include <cstring>
#include <functional>
#include <numeric>

namespace pressroom {
namespace {

using Json = nlohmann::json;

// k / 64 with k in -64 .. 64, times `scale`, a power of two, plus `centre`.
TinyTensor random_tensor(std::vector<std::int64_t> shape, float scale, float centre,
                         const RandomKey& random) {
  TinyTensor tensor;
  tensor.shape = std::move(shape);
  const std::int64_t count = std::accumulate(tensor.shape.begin(), tensor.shape.end(),
                                             std::int64_t{1}, std::multiplies<>());
  for (std::int64_t i = 0; i < count; ++i) {
    const auto k = static_cast<std::int64_t>(random.with(i).bits() % 129) - 64;
    tensor.values.push_back(centre + scale * static_cast<float>(k) / 64.0F);
  }
  return tensor;
}

std::uint16_t to_bfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  if ((bits & 0xffffU) != 0) throw std::logic_error("a test weight is not exact in bfloat16");
  return static_cast<std::uint16_t>(bits >> 16);
}

std::uint16_t to_float16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  const std::uint32_t sign = bits >> 16 & 0x8000U;
  if ((bits & 0x7fffffffU) == 0) return static_cast<std::uint16_t>(sign);
  const std::int32_t exponent = static_cast<std::int32_t>(bits >> 23 & 0xffU) - 127 + 15;
  if ((bits & 0x1fffU) != 0 || exponent < 1 || exponent > 30) {
    throw std::logic_error("a test weight is not exact in float16");
  }
  return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(exponent) << 10 |
                                    (bits >> 13 & 0x3ffU));
}

}  // namespace

TinyWeights random_weights(const TinyShape& shape, const RandomKey& random) {
  TinyWeights weights;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> size, float scale,
                       float centre) {
    weights[name] = random_tensor(std::move(size), scale, centre, random.with(name));
  };
  const auto project = [&](const std::string& name, std::int64_t rows, std::int64_t columns,
                           bool bias) {
    add(name + ".weight", {rows, columns}, 0.5F, 0);
    if (bias) add(name + ".bias", {rows}, 0.5F, 0);
  };
  const std::int64_t width = shape.hidden_size;
  const std::int64_t queries = shape.query_heads * shape.head_dim;
  const std::int64_t keys = shape.kv_heads * shape.head_dim;
  add("model.embed_tokens.weight", {shape.vocabulary, width}, 1, 0);
  add("model.norm.weight", {width}, 0.5F, 1);
  if (!shape.tied_embeddings) add("lm_head.weight", {shape.vocabulary, width}, 1, 0);
  for (std::int64_t index = 0; index < shape.layers; ++index) {
    const std::string layer = "model.layers." + std::to_string(index) + ".";
    add(layer + "input_layernorm.weight", {width}, 0.5F, 1);
    add(layer + "post_attention_layernorm.weight", {width}, 0.5F, 1);
    project(layer + "self_attn.q_proj", queries, width, shape.attention_bias);
    project(layer + "self_attn.k_proj", keys, width, shape.attention_bias);
    project(layer + "self_attn.v_proj", keys, width, shape.attention_bias);
    project(layer + "self_attn.o_proj", width, queries, shape.attention_bias);
    project(layer + "mlp.gate_proj", shape.mlp_size, width, shape.mlp_bias);
    project(layer + "mlp.up_proj", shape.mlp_size, width, shape.mlp_bias);
    project(layer + "mlp.down_proj", width, shape.mlp_size, shape.mlp_bias);
  }
  return weights;
}

Json config_json(const TinyShape& shape) {
  Json config = {{"model_type", "llama"},
                 {"hidden_act", "silu"},
                 {"num_hidden_layers", shape.layers},
                 {"num_attention_heads", shape.query_heads},
                 {"num_key_value_heads", shape.kv_heads},
                 {"head_dim", shape.head_dim},
                 {"hidden_size", shape.hidden_size},
                 {"intermediate_size", shape.mlp_size},
                 {"vocab_size", shape.vocabulary},
                 {"max_position_embeddings", 512},
                 {"rms_norm_eps", kTinyNormEpsilon},
                 {"attention_bias", shape.attention_bias},
                 {"mlp_bias", shape.mlp_bias},
                 {"tie_word_embeddings", shape.tied_embeddings}};
  if (shape.rope_parameters) {
    config["rope_parameters"] = {{"rope_theta", shape.rope_theta}, {"rope_type", "default"}};
  } else {
    config["rope_theta"] = shape.rope_theta;
  }
  return config;
}

std::string encoded(const std::vector<float>& values, const std::string& dtype) {
  std::string bytes;
  const auto put = [&](const auto& element) {
    bytes.append(reinterpret_cast<const char*>(&element), sizeof(element));
  };
  for (const float value : values) {
    if (dtype == "F32") {
      put(value);
    } else {
      put(dtype == "F16" ? to_float16(value) : to_bfloat16(value));
    }
  }
  return bytes;
}

std::string safetensors_bytes(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> shift & 0xffU);
  }
  return bytes + header + data;
}

std::string safetensors_bytes(const TinyWeights& weights, const std::string& dtype) {
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const auto& [name, tensor] : weights) {
    const std::size_t begin = data.size();
    data += encoded(tensor.values, dtype);
    header[name] = {
        {"dtype", dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  return safetensors_bytes(header.dump(), data);
}

void write_model(const std::filesystem::path& directory, const TinyShape& shape,
                 const TinyWeights& weights) {
  write_file(directory / "config.json", config_json(shape).dump(2));
  write_file(directory / "model.safetensors", safetensors_bytes(weights, shape.dtype));
}

TinyModel::TinyModel(const TinyShape& shape, const TinyWeights& weights)
    : shape_(shape), weights_(weights) {
  write_model(folder_.path(), shape, weights);
  model_ = Model::load(model_in(folder_.path()));
}

TinyModel::TinyModel(const TinyShape& shape, const RandomKey& random)
    : TinyModel(shape, random_weights(shape, random)) {}

std::vector<std::int64_t> random_ids(std::int64_t count, const TinyShape& shape,
                                     const RandomKey& random) {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t bits = random.with("id").with(i).bits();
    ids.push_back(static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(shape.vocabulary)));
  }
  return ids;
}

}  // namespace pressroom
