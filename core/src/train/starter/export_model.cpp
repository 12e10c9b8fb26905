#include "train/starter/export_model.h"

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "train/safetensors_text.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

std::string safetensors(const LlamaNet& net) {
  const at::Tensor half = net.parameters().to(at::kHalf).contiguous();
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  for (const ParameterSlice& slice : net.slices()) {
    std::int64_t count = 1;
    for (const std::int64_t size : slice.shape) count *= size;
    header[slice.name] = {{"dtype", "F16"},
                          {"shape", slice.shape},
                          {"data_offsets", {2 * slice.offset, 2 * (slice.offset + count)}}};
  }
  return safetensors_text(header, {static_cast<const char*>(half.data_ptr()), half.nbytes()});
}

std::string config(const LlamaShape& shape) {
  const Json json = {{"architectures", {"LlamaForCausalLM"}},
                     {"model_type", "llama"},
                     {"hidden_size", shape.hidden_size},
                     {"intermediate_size", shape.intermediate_size},
                     {"num_hidden_layers", shape.layers},
                     {"num_attention_heads", shape.heads},
                     {"num_key_value_heads", shape.kv_heads},
                     {"head_dim", shape.head_dim},
                     {"rms_norm_eps", shape.rms_norm_eps},
                     {"rope_theta", shape.rope_theta},
                     {"max_position_embeddings", shape.context},
                     {"vocab_size", shape.vocabulary_size},
                     {"tie_word_embeddings", true},
                     {"attention_bias", false},
                     {"mlp_bias", false},
                     {"hidden_act", "silu"},
                     {"bos_token_id", nullptr},
                     {"eos_token_id", nullptr},
                     {"torch_dtype", "float16"}};
  return json.dump(2) + "\n";
}

}  // namespace

void export_model(const LlamaNet& net, const std::filesystem::path& directory) {
  write_file_atomically(directory / "model.safetensors", safetensors(net));
  write_file_atomically(directory / "config.json", config(net.shape()));
}

}  // namespace pressroom
