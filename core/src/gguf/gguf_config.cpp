#include "gguf/gguf_config.h"

#include <nlohmann/json.hpp>

#include "gguf/gguf_architecture.h"
#include "gguf/gguf_blocks.h"
#include "pressroom/error.h"
#include "weights/tensor_text.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

// The keys of one architecture: "llama.block_count" is "block_count" here.
class ArchitectureKeys {
 public:
  ArchitectureKeys(const GgufFile& file, std::string prefix)
      : file_(file), prefix_(std::move(prefix)) {}

  bool has(const std::string& key) const { return file_.has(prefix_ + key); }
  std::int64_t integer(const std::string& key) const { return file_.integer(prefix_ + key); }
  double number(const std::string& key) const { return file_.number(prefix_ + key); }
  const std::string& text(const std::string& key) const { return file_.text(prefix_ + key); }

  [[noreturn]] void refuse(const std::string& key, const std::string& expected,
                           const std::string& got) const {
    throw Error({"a model setting cannot be used", file_.path().string() + ": " + prefix_ + key,
                 expected, got, "choose another model"});
  }

 private:
  const GgufFile& file_;
  std::string prefix_;
};

bool has_tensor(const GgufFile& file, const char* name) { return file.tensors().count(name) > 0; }

void add_rope(const GgufFile& file, const ArchitectureKeys& keys, const GgufHeads& heads,
              Json& config) {
  config["rope_theta"] = keys.has("rope.freq_base") ? keys.number("rope.freq_base") : 10000.0;
  if (heads.rotated != heads.head_dim) {
    config["partial_rotary_factor"] =
        static_cast<double>(heads.rotated) / static_cast<double>(heads.head_dim);
  }
  std::string scaling = "none";
  if (keys.has("rope.scaling.type")) scaling = keys.text("rope.scaling.type");
  if (scaling == "linear") {
    config["rope_scaling"] = {{"rope_type", "linear"},
                              {"factor", keys.number("rope.scaling.factor")}};
  } else if (scaling != "none") {
    keys.refuse("rope.scaling.type", "none or linear", excerpt(scaling));
  } else if (keys.has("rope.scale_linear")) {
    // What files said before they had rope.scaling.
    config["rope_scaling"] = {{"rope_type", "linear"},
                              {"factor", keys.number("rope.scale_linear")}};
  }
  const auto factors = file.tensors().find("rope_freqs.weight");
  if (factors == file.tensors().end()) return;
  const GgufTensor& tensor = factors->second;
  if (tensor.type != kGgufF32 || tensor.shape != std::vector<std::int64_t>{heads.rotated / 2}) {
    throw Error({"a tensor cannot be used", file.path().string() + ": rope_freqs.weight",
                 "F32 " + shape_text({heads.rotated / 2}),
                 gguf_type_name(tensor.type) + " " + shape_text(tensor.shape),
                 "get the file again, or convert the model again"});
  }
  std::vector<float> values(static_cast<std::size_t>(heads.rotated / 2));
  dequantise_part(tensor, 0, heads.rotated / 2, values.data());
  config["rope_frequency_factors"] = values;
}

void add_window(const ArchitectureKeys& keys, Json& config) {
  const std::string key = "attention.sliding_window";
  if (!keys.has(key) || keys.integer(key) <= 0) return;
  config["sliding_window"] = keys.integer(key);
  if (config["model_type"] != "llama") {
    // The file does not say which layers slide: all may.
    config["use_sliding_window"] = true;
    config["max_window_layers"] = 0;
    return;
  }
  // Llama with a window is Mistral, which has no biases.
  if (config["attention_bias"] == true || config["mlp_bias"] == true) {
    keys.refuse(key, "no window in a model with biases", config["sliding_window"].dump());
  }
  config["model_type"] = "mistral";
}

}  // namespace

Json gguf_config(const GgufFile& file) {
  const GgufArchitecture& architecture = architecture_of(file);
  const ArchitectureKeys keys(file, std::string(architecture.name) + ".");
  const GgufHeads heads = heads_of(file, architecture.name);
  const auto embedding = file.tensors().find("token_embd.weight");
  if (embedding == file.tensors().end() || embedding->second.shape.size() != 2) {
    throw Error({"a tensor is missing", file.path().string(), "\"token_embd.weight\", a table",
                 file.tensors().empty() ? "no tensors at all" : "no such tensor",
                 file.tensors().empty() ? "get the file with the weights: this one has none"
                                        : "get the file again"});
  }
  Json config = {
      {"model_type", architecture.name},
      {"hidden_size", keys.integer("embedding_length")},
      {"num_hidden_layers", keys.integer("block_count")},
      {"num_attention_heads", heads.query_heads},
      {"num_key_value_heads", heads.kv_heads},
      {"head_dim", heads.head_dim},
      {"intermediate_size", integer_of_layers(file, architecture.name, ".feed_forward_length")},
      {"vocab_size", embedding->second.shape[0]},
      {"max_position_embeddings", keys.integer("context_length")},
      {"rms_norm_eps", keys.number("attention.layer_norm_rms_epsilon")},
      {"tie_word_embeddings", !has_tensor(file, "output.weight")},
      {"attention_bias", has_tensor(file, "blk.0.attn_q.bias")},
      {"mlp_bias", has_tensor(file, "blk.0.ffn_gate.bias")},
  };
  add_rope(file, keys, heads, config);
  add_window(keys, config);
  return config;
}

}  // namespace pressroom
