#include "model/description.h"

#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "gguf/gguf_file.h"
#include "gguf/gguf_model.h"
#include "model/config_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Whoever copies, compares or shows a value follows it into its depth by recursion. Published
// configs have five levels.
constexpr int kMostDepth = 64;

nlohmann::json read_json(const std::filesystem::path& file) {
  std::error_code unreadable;
  if (!std::filesystem::exists(file, unreadable) && !unreadable) {
    throw Error({"the model directory has no config.json", file.string(),
                 "a Hugging Face model directory", "no such file", "check the path"});
  }
  const MappedFile mapped(file, "the model's config.json");
  const auto refuse_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth <= kMostDepth) return true;
    throw Error({"config.json is nested too deeply", file.string(),
                 "at most " + std::to_string(kMostDepth) + " lists and objects in one another",
                 "more", "copy or download the file again"});
  };
  try {
    return nlohmann::json::parse(strict_json(mapped.bytes()), refuse_depth);
  } catch (const nlohmann::json::exception& error) {
    throw Error({"config.json is not JSON", file.string(), "", error.what(),
                 "copy or download the file again"});
  }
}

const ModelFamily& family_of(const ConfigFile& config) {
  const std::string type = config.text("model_type", "");
  std::string known;
  for (const ModelFamily& family : model_families()) {
    if (type == family.model_type) return family;
    known += (known.empty() ? "" : ", ") + std::string(family.model_type);
  }
  config.refuse("model_type", "one of: " + known);
}

void read_sizes(const ConfigFile& config, ModelFacts& facts) {
  facts.layers = config.size("num_hidden_layers");
  facts.query_heads = config.size("num_attention_heads");
  facts.kv_heads = config.size("num_key_value_heads", facts.query_heads);
  facts.hidden_size = config.size("hidden_size");
  facts.head_dim =
      config.has("head_dim") ? config.size("head_dim") : facts.hidden_size / facts.query_heads;
  facts.vocabulary = config.size("vocab_size");
  facts.max_positions = config.size("max_position_embeddings");
  if (facts.query_heads % facts.kv_heads != 0) {
    config.refuse("num_key_value_heads", "a divisor of num_attention_heads");
  }
  if (facts.head_dim < 1) config.refuse("num_attention_heads", "at most hidden_size");
}

}  // namespace

ModelDescription describe(const nlohmann::json& json, const std::string& where) {
  const ConfigFile config(json, where);
  const ModelFamily& family = family_of(config);
  ModelDescription model;
  model.family = family.model_type;
  read_sizes(config, model.facts);
  model.mlp_size = config.size("intermediate_size");
  family.describe(config, model);
  return model;
}

ModelDescription read_description(const ModelFiles& files) {
  const nlohmann::json json =
      files.is_gguf() ? gguf_config(GgufFile(files.root)) : read_json(files.config);
  ModelDescription model = describe(json, files.config.string());
  model.facts.name = files.name;
  model.facts.rope_frequencies.assign(model.rope_frequencies.begin(), model.rope_frequencies.end());
  return model;
}

void check_context(const ModelDescription& model, std::int64_t tokens) {
  if (model.sliding_window == 0 || tokens <= model.sliding_window) return;
  throw Error({"the model attends to a sliding window, which is shorter than the context",
               model.facts.name,
               "at most " + std::to_string(model.sliding_window) +
                   " tokens, up to which the window changes nothing",
               std::to_string(tokens) + " tokens", "lower the context, or choose another model"});
}

}  // namespace pressroom
