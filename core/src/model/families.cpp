// What each model family makes of a config.json.
#include "model/config_file.h"
#include "model/description.h"
#include "model/rotary.h"

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
  names.buffers = {"model.rotary_emb.inv_freq", layer + "self_attn.rotary_emb.inv_freq"};
  return names;
}

Activation read_activation(const ConfigFile& config, const std::string& fallback) {
  const std::string name = config.text("hidden_act", fallback);
  if (name == "silu" || name == "swish") return Activation::kSilu;
  if (name == "gelu") return Activation::kGelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::kGeluTanh;
  config.refuse("hidden_act", "silu, gelu, gelu_new or gelu_pytorch_tanh");
}

// Whether a layer slides by `layer_types`, or by `unsaid` where the config has none.
bool any_layer_slides(const ConfigFile& config, std::int64_t layers, bool unsaid) {
  if (!config.has("layer_types")) return unsaid;
  const nlohmann::json& types = config.json()["layer_types"];
  bool known = types.is_array() && static_cast<std::int64_t>(types.size()) == layers;
  bool slides = false;
  for (const auto& type : types) {
    known = known && (type == "full_attention" || type == "sliding_attention");
    slides = slides || type == "sliding_attention";
  }
  if (!known) {
    config.refuse("layer_types", "full_attention or sliding_attention for each of " +
                                     std::to_string(layers) + " layers");
  }
  return slides;
}

// Tokens of the sliding window, 0 where no layer has one. The window is 4096 where the config does
// not say, as in the reference library.
std::int64_t read_sliding_window(const ConfigFile& config, bool in_use) {
  if (!in_use) return 0;
  // A null is an answer, no window; has() would take it for a missing key.
  if (!config.json().contains("sliding_window")) return 4096;
  return config.size("sliding_window", 0);
}

// Qwen's layers from max_window_layers on slide, unless layer_types says otherwise.
std::int64_t read_qwen_window(const ConfigFile& config, std::int64_t layers) {
  const bool in_use = config.flag("use_sliding_window", false);
  const std::int64_t first = config.count("max_window_layers", 28);
  return read_sliding_window(config, any_layer_slides(config, layers, in_use && first < layers));
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
  // With layer_types the reference library takes such a model for a "ministral".
  model.sliding_window =
      read_sliding_window(config, any_layer_slides(config, model.facts.layers, true));
}

void describe_qwen2(const ConfigFile& config, ModelDescription& model) {
  describe_llama_like(config, model);
  model.qkv_bias = true;
  model.sliding_window = read_qwen_window(config, model.facts.layers);
}

void describe_qwen3(const ConfigFile& config, ModelDescription& model) {
  describe_llama_like(config, model);
  model.qkv_bias = model.output_bias = config.flag("attention_bias", false);
  model.tensors.query_norm = "model.layers.{}.self_attn.q_norm";
  model.tensors.key_norm = "model.layers.{}.self_attn.k_norm";
  model.sliding_window = read_qwen_window(config, model.facts.layers);
}

void describe_gpt_neox(const ConfigFile& config, ModelDescription& model) {
  // query_key_value has q, k and v of each head: there is no place in it for shared keys.
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
  // The last two are the causal mask, and the value it stands for.
  model.tensors.buffers = {"gpt_neox.rotary_emb.inv_freq", layer + "attention.rotary_emb.inv_freq",
                           layer + "attention.bias", layer + "attention.masked_bias"};
}

}  // namespace

const std::vector<ModelFamily>& model_families() {
  static const std::vector<ModelFamily> kFamilies = {
      {"gpt_neox", describe_gpt_neox}, {"llama", describe_llama}, {"mistral", describe_mistral},
      {"qwen2", describe_qwen2},       {"qwen3", describe_qwen3},
  };
  return kFamilies;
}

}  // namespace pressroom
