#include "model/description.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

TensorNames llama_tensors() {
  const std::string layer = "model.layers.{}.";
  return {"model.embed_tokens.weight",
          "model.norm.weight",
          "lm_head.weight",
          layer + "input_layernorm.weight",
          layer + "self_attn.q_proj",
          layer + "self_attn.k_proj",
          layer + "self_attn.v_proj",
          layer + "self_attn.o_proj",
          layer + "post_attention_layernorm.weight",
          layer + "mlp.gate_proj",
          layer + "mlp.up_proj",
          layer + "mlp.down_proj"};
}

// config.json with the place of every mistake in its message.
class ConfigFile {
 public:
  explicit ConfigFile(std::filesystem::path file) : file_(std::move(file)) {
    std::ifstream stream(file_);
    if (!stream) {
      throw Error({"the model directory has no config.json", file_.string(),
                   "a Hugging Face model directory", "no such file", "check the path"});
    }
    try {
      json_ = Json::parse(stream);
    } catch (const Json::exception& error) {
      throw Error({"config.json is not JSON", file_.string(), "", error.what(),
                   "copy or download the file again"});
    }
  }

  std::int64_t size(const std::string& key, std::int64_t fallback = 0) const {
    if (!has(key) && fallback > 0) return fallback;
    if (!has(key) || !json_[key].is_number_integer() || json_[key].get<std::int64_t>() < 1) {
      refuse(key, "a whole number >= 1");
    }
    return json_[key].get<std::int64_t>();
  }
  // `object` is the whole file or a part of it.
  double number(const Json& object, const std::string& key, double fallback) const {
    if (!object.contains(key) || object[key].is_null()) return fallback;
    if (!object[key].is_number() || object[key].get<double>() <= 0) {
      refuse(key, "a number > 0", object[key].dump());
    }
    return object[key].get<double>();
  }
  bool flag(const std::string& key, bool fallback) const {
    if (!has(key)) return fallback;
    if (!json_[key].is_boolean()) refuse(key, "true or false");
    return json_[key].get<bool>();
  }
  // What is no text is returned as it stands in the file, and so equals no known word.
  std::string text(const std::string& key, const std::string& fallback) const {
    if (!has(key)) return fallback;
    return json_[key].is_string() ? json_[key].get<std::string>() : json_[key].dump();
  }
  bool has(const std::string& key) const { return json_.contains(key) && !json_[key].is_null(); }
  const Json& json() const { return json_; }

  [[noreturn]] void refuse(const std::string& key, const std::string& expected) const {
    refuse(key, expected, json_.contains(key) ? json_[key].dump() : "nothing");
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& expected,
                           const std::string& got) const {
    throw Error({"a model setting cannot be used", file_.string() + ": " + key, expected, got,
                 "this version runs plain Llama models"});
  }

 private:
  std::filesystem::path file_;
  Json json_;
};

// `rope_scaling` says what it is under one of two names; `rope_parameters` may leave it out.
bool is_plain_rope(const Json& rope, bool type_required) {
  if (!rope.is_object()) return false;
  for (const char* key : {"rope_type", "type"}) {
    if (rope.contains(key)) return rope[key] == "default";
  }
  return !type_required;
}

// rope_theta in both spellings: at the top level, or in `rope_parameters`.
double read_rope_theta(const ConfigFile& config) {
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    const bool type_required = std::string(key) == "rope_scaling";
    if (config.has(key) && !is_plain_rope(config.json()[key], type_required)) {
      config.refuse(key, "rope_type default");
    }
  }
  const double theta = config.number(config.json(), "rope_theta", 10000);
  if (!config.has("rope_parameters")) return theta;
  return config.number(config.json()["rope_parameters"], "rope_theta", theta);
}

}  // namespace

ModelDescription read_description(const std::filesystem::path& directory) {
  const ConfigFile config(directory / "config.json");
  ModelDescription model;
  model.family = config.text("model_type", "");
  if (model.family != "llama") config.refuse("model_type", "one of: llama");
  if (config.text("hidden_act", "silu") != "silu") config.refuse("hidden_act", "silu");

  ModelFacts& facts = model.facts;
  facts.name = directory.string();
  facts.layers = config.size("num_hidden_layers");
  facts.query_heads = config.size("num_attention_heads");
  facts.kv_heads = config.size("num_key_value_heads", facts.query_heads);
  facts.hidden_size = config.size("hidden_size");
  facts.head_dim = config.size("head_dim", facts.hidden_size / facts.query_heads);
  facts.vocabulary = config.size("vocab_size");
  facts.max_positions = config.size("max_position_embeddings");
  if (facts.query_heads % facts.kv_heads != 0) {
    config.refuse("num_key_value_heads", "a divisor of num_attention_heads");
  }
  if (facts.head_dim % 2 != 0) config.refuse("head_dim", "an even number");
  model.mlp_size = config.size("intermediate_size");
  model.norm_epsilon = config.number(config.json(), "rms_norm_eps", 1e-6);
  model.rope_theta = read_rope_theta(config);
  model.attention_bias = config.flag("attention_bias", false);
  model.mlp_bias = config.flag("mlp_bias", false);
  model.tied_embeddings = config.flag("tie_word_embeddings", false);
  model.tensors = llama_tensors();
  return model;
}

}  // namespace pressroom
