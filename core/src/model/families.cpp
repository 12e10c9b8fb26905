#include "model/families.h"

#include "model/rope_settings.h"

namespace pressroom {
namespace {

TensorNames llama_tensors() {
  const std::string layer = "model.layers.{}.";
  TensorNames names;
  names.embedding = "model.embed_tokens";
  names.final_norm = "model.norm";
  names.output_head = "lm_head";
  names.attention_norm = layer + "input_layernorm";
  names.query = layer + "self_attn.q_proj";
  names.key = layer + "self_attn.k_proj";
  names.value = layer + "self_attn.v_proj";
  names.attention_output = layer + "self_attn.o_proj";
  names.mlp_norm = layer + "post_attention_layernorm";
  names.mlp_gate = layer + "mlp.gate_proj";
  names.mlp_up = layer + "mlp.up_proj";
  names.mlp_down = layer + "mlp.down_proj";
  return names;
}

Activation read_activation(const ConfigFile& config, const std::string& fallback) {
  const std::string name = config.text("hidden_act", fallback);
  if (name == "silu" || name == "swish") return Activation::kSilu;
  if (name == "gelu") return Activation::kGelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::kGeluTanh;
  config.refuse("hidden_act", "silu, gelu, gelu_new or gelu_pytorch_tanh");
}

// Tokens of the sliding window, 0 where no layer has one; `unsaid` where the config does not say.
std::int64_t read_sliding_window(const ConfigFile& config, bool in_use, std::int64_t unsaid) {
  if (config.has("layer_types")) {
    const nlohmann::json& types = config.json()["layer_types"];
    in_use = false;
    for (const auto& type : types) in_use = in_use || type == "sliding_attention";
  }
  if (!in_use) return 0;
  if (!config.json().contains("sliding_window")) return unsaid;
  return config.size("sliding_window", 0);
}

// What Llama and its descendants have in common.
void describe_llama_like(const ConfigFile& config, ModelDescription& model) {
  model.norm_epsilon = config.number("rms_norm_eps", 1e-6);
  model.activation = read_activation(config, "silu");
  model.rope_frequencies = rope_frequencies(config, model.facts.head_dim, RopeDefaults());
  model.tied_embeddings = config.flag("tie_word_embeddings", false);
  model.tensors = llama_tensors();
}

void describe_llama(const ConfigFile& config, ModelDescription& model) {
  describe_llama_like(config, model);
  model.qkv_bias = model.output_bias = config.flag("attention_bias", false);
  model.mlp_bias = config.flag("mlp_bias", false);
}

void describe_mistral(const ConfigFile& config, ModelDescription& model) {
  describe_llama_like(config, model);
  model.sliding_window = read_sliding_window(config, true, 4096);
}

void describe_qwen2(const ConfigFile& config, ModelDescription& model) {
  describe_llama_like(config, model);
  model.qkv_bias = true;
  model.sliding_window =
      read_sliding_window(config, config.flag("use_sliding_window", false), 4096);
}

void describe_qwen3(const ConfigFile& config, ModelDescription& model) {
  describe_llama_like(config, model);
  model.qkv_bias = model.output_bias = config.flag("attention_bias", false);
  model.tensors.query_norm = "model.layers.{}.self_attn.q_norm";
  model.tensors.key_norm = "model.layers.{}.self_attn.k_norm";
  model.sliding_window =
      read_sliding_window(config, config.flag("use_sliding_window", false), 4096);
}

void describe_gpt_neox(const ConfigFile& config, ModelDescription& model) {
  if (model.facts.kv_heads != model.facts.query_heads) {
    config.refuse("num_key_value_heads", "as many as num_attention_heads");
  }
  model.norm = NormKind::kLayer;
  model.norm_epsilon = config.number("layer_norm_eps", 1e-5);
  model.activation = read_activation(config, "gelu");
  RopeDefaults rope;
  rope.partial_factor = 0.25;
  model.rope_frequencies = rope_frequencies(config, model.facts.head_dim, rope);
  model.parallel_residual = config.flag("use_parallel_residual", true);
  model.qkv_bias = model.output_bias = config.flag("attention_bias", true);
  model.mlp_bias = true;
  model.tied_embeddings = config.flag("tie_word_embeddings", false);

  const std::string layer = "gpt_neox.layers.{}.";
  model.tensors.embedding = "gpt_neox.embed_in";
  model.tensors.final_norm = "gpt_neox.final_layer_norm";
  model.tensors.output_head = "embed_out";
  model.tensors.attention_norm = layer + "input_layernorm";
  model.tensors.fused_qkv = layer + "attention.query_key_value";
  model.tensors.attention_output = layer + "attention.dense";
  model.tensors.mlp_norm = layer + "post_attention_layernorm";
  model.tensors.mlp_up = layer + "mlp.dense_h_to_4h";
  model.tensors.mlp_down = layer + "mlp.dense_4h_to_h";
}

}  // namespace

const std::vector<Family>& families() {
  static const std::vector<Family> kFamilies = {
      {"gpt_neox", describe_gpt_neox}, {"llama", describe_llama}, {"mistral", describe_mistral},
      {"qwen2", describe_qwen2},       {"qwen3", describe_qwen3},
  };
  return kFamilies;
}

}  // namespace pressroom
