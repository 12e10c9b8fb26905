#include "gguf/gguf_architecture.h"

#include <algorithm>
#include <map>

#include "pressroom/error.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

constexpr GgufArchitecture kArchitectures[] = {{"llama", true}, {"qwen2", false}, {"qwen3", false}};

std::int64_t positive(const GgufFile& file, const std::string& name, const std::string& key) {
  const std::int64_t value = integer_of_layers(file, name, key);
  // Beyond any model, and small enough for the product of two.
  if (value > 0 && value <= 1 << 24) return value;
  throw Error({"a model setting cannot be used", file.path().string() + ": " + name + key,
               "a whole number from 1 to 16777216", std::to_string(value),
               "get the file again, or convert the model again"});
}

std::int64_t positive(const GgufFile& file, const std::string& name, const std::string& key,
                      std::int64_t fallback) {
  return file.has(name + key) ? positive(file, name, key) : fallback;
}

// What to do with a file that says it is `type`.
std::string advice_for(const std::string& type) {
  if (type == "adapter") {
    return "merge it into its base model (llama-export-lora writes one file of both), and name "
           "that";
  }
  if (type == "mmproj") return "name the file of the language model that it belongs to";
  if (type == "imatrix") return "name the model that it was made for";
  return "name the file of a model";
}

// Files of other kinds have keys and tensors like a model's, and would only seem damaged.
void check_is_model(const GgufFile& file) {
  std::string key = "general.type";
  std::string type = file.has(key) ? file.text(key) : "model";
  // Adapters were told by this alone before files had a type.
  if (type == "model" && file.has("adapter.type")) {
    key = "adapter.type";
    type = "adapter";
  }
  if (type == "model") return;
  throw Error({"the GGUF file is not a model", file.path().string() + ": " + key, "model",
               excerpt(type), advice_for(type)});
}

[[noreturn]] void unknown(const GgufFile& file, const std::string& name) {
  std::string known;
  for (const GgufArchitecture& one : kArchitectures) {
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  throw Error({"the architecture is not known", file.path().string() + ": general.architecture",
               "one of: " + known, excerpt(name), "choose a model of one of these"});
}

}  // namespace

const GgufArchitecture& architecture_of(const GgufFile& file) {
  check_is_model(file);
  const std::string& name = file.text("general.architecture");
  const GgufArchitecture* found = nullptr;
  for (const GgufArchitecture& one : kArchitectures) {
    if (name == one.name) found = &one;
  }
  if (found == nullptr) unknown(file, name);
  if (file.has("split.count") && file.integer("split.count") > 1) {
    throw Error({"the file is one part of several", file.path().string() + ": split.count",
                 "a whole model", std::to_string(file.integer("split.count")) + " files",
                 "merge them with: llama-gguf-split --merge"});
  }
  const std::string experts = name + ".expert_count";
  if (file.has(experts) && file.integer(experts) > 0) {
    throw Error({"the model is a mixture of experts", file.path().string() + ": " + experts,
                 "a model with one MLP a layer", std::to_string(file.integer(experts)) + " experts",
                 "choose another model"});
  }
  return *found;
}

std::int64_t integer_of_layers(const GgufFile& file, const std::string& name,
                               const std::string& key) {
  if (!file.has_integers(name + key)) return file.integer(name + key);
  const std::vector<std::int64_t>& values = file.integers(name + key);
  const auto refuse = [&](const std::string& expected, const std::string& got,
                          const std::string& fix) {
    throw Error({"a model setting cannot be used", file.path().string() + ": " + name + key,
                 expected, got, fix});
  };
  const std::int64_t layers = file.integer(name + ".block_count");
  // Where a file announces no layers, an empty array would fit, and has no first value.
  if (values.empty() || static_cast<std::int64_t>(values.size()) != layers) {
    refuse("one value, or one for each of " + std::to_string(layers) + " layers",
           std::to_string(values.size()) + " values",
           "get the file again, or convert the model again");
  }
  if (std::any_of(values.begin(), values.end(), [&](auto value) { return value != values[0]; })) {
    refuse("layers that are alike", excerpt(shape_text(values)),
           "choose another model: the layers of this one have different sizes");
  }
  return values[0];
}

GgufHeads heads_of(const GgufFile& file, const std::string& name) {
  const auto refuse = [&](const std::string& key, const std::string& expected, std::int64_t got) {
    throw Error({"a model setting cannot be used", file.path().string() + ": " + name + key,
                 expected, std::to_string(got), "get the file again, or choose another model"});
  };
  GgufHeads heads;
  heads.query_heads = positive(file, name, ".attention.head_count");
  heads.kv_heads = positive(file, name, ".attention.head_count_kv", heads.query_heads);
  const std::int64_t hidden = positive(file, name, ".embedding_length");
  heads.head_dim = positive(file, name, ".attention.key_length", hidden / heads.query_heads);
  heads.rotated = positive(file, name, ".rope.dimension_count", heads.head_dim);
  if (heads.query_heads % heads.kv_heads != 0) {
    refuse(".attention.head_count_kv", "a divisor of attention.head_count", heads.kv_heads);
  }
  const std::int64_t values = positive(file, name, ".attention.value_length", heads.head_dim);
  // Keys and values share one width in the cache (ModelFacts::head_dim).
  if (values != heads.head_dim) {
    refuse(".attention.value_length", "that of keys, " + std::to_string(heads.head_dim), values);
  }
  if (heads.rotated > heads.head_dim || heads.rotated % 2 != 0) {
    refuse(".rope.dimension_count", "an even number of at most " + std::to_string(heads.head_dim),
           heads.rotated);
  }
  return heads;
}

std::string published_name(const std::string& name) {
  static const std::map<std::string, std::string> kOutside = {
      {"token_embd", "model.embed_tokens"}, {"output_norm", "model.norm"}, {"output", "lm_head"}};
  static const std::map<std::string, std::string> kInLayer = {
      {"attn_norm", "input_layernorm"},    {"attn_q", "self_attn.q_proj"},
      {"attn_k", "self_attn.k_proj"},      {"attn_v", "self_attn.v_proj"},
      {"attn_output", "self_attn.o_proj"}, {"attn_q_norm", "self_attn.q_norm"},
      {"attn_k_norm", "self_attn.k_norm"}, {"ffn_norm", "post_attention_layernorm"},
      {"ffn_gate", "mlp.gate_proj"},       {"ffn_up", "mlp.up_proj"},
      {"ffn_down", "mlp.down_proj"}};
  const std::size_t last_dot = name.rfind('.');
  if (last_dot == name.npos) return name;
  const std::string ending = name.substr(last_dot);
  if (ending != ".weight" && ending != ".bias") return name;
  const std::string stem = name.substr(0, last_dot);
  const auto outside = kOutside.find(stem);
  if (outside != kOutside.end()) return outside->second + ending;

  const std::string prefix = "blk.";
  const std::size_t dot = stem.find('.', prefix.size());
  if (stem.compare(0, prefix.size(), prefix) != 0 || dot == stem.npos) return name;
  const std::string layer = stem.substr(prefix.size(), dot - prefix.size());
  const auto inside = kInLayer.find(stem.substr(dot + 1));
  // Known to no model: the loader refuses it under the name that it has in the file.
  if (inside == kInLayer.end()) return name;
  return "model.layers." + layer + "." + inside->second + ending;
}

}  // namespace pressroom
