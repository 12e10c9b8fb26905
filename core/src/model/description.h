// A model family as a description: the facts by which one decoder differs from another. One
// forward pass (model/model.h) serves every description.
//
//   const ModelDescription model = read_description(find_model("starter"));
//   model.family;                   // "llama"
//   check_context(model, 4096);     // Error where a sliding window is shorter
//
// Families are entries of a table, in families.cpp: the next one is an entry there, and a test.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/model_files.h"
#include "pressroom/model_facts.h"

namespace pressroom {

enum class NormKind {
  kRms,    // x / sqrt(mean(x^2) + epsilon) * w   (Zhang and Sennrich 2019)
  kLayer,  // (x - mean) / sqrt(variance + epsilon) * w + b   (Ba et al. 2016)
};

enum class Activation {
  kSilu,      // x * sigmoid(x)
  kGelu,      // x * Phi(x), exact   (Hendrycks and Gimpel 2016)
  kGeluTanh,  // its tanh approximation: "gelu_new"
};

// Where a family keeps its tensors, without ".weight" and ".bias". "{}" stands for the layer index.
struct TensorNames {
  std::string embedding, final_norm, output_head;
  std::string attention_norm, attention_output, mlp_norm, mlp_down;
  // Either one tensor with q, k and v of head 0, then of head 1, ..., or three.
  std::string fused_qkv;
  std::string query, key, value;
  std::string query_norm, key_norm;  // of each head's channels; empty: none
  std::string mlp_gate;              // empty: the MLP has no gate
  std::string mlp_up;
  // Whole names of what older checkpoints carry along and the reference library computes anew.
  std::vector<std::string> buffers;
};

struct ModelDescription {
  std::string family;  // model_type of config.json: "llama"
  ModelFacts facts;
  std::int64_t mlp_size = 0;  // F
  NormKind norm = NormKind::kRms;
  double norm_epsilon = 1e-6;
  Activation activation = Activation::kSilu;
  // Angle per position of each pair of rotated channels, [r/2], scaling included. The first r
  // channels of a head are rotated, the other d - r are not.
  std::vector<float> rope_frequencies;
  // x + attention(norm(x)) + mlp(norm'(x)), instead of the MLP after the attention.
  bool parallel_residual = false;
  bool qkv_bias = false;
  bool output_bias = false;  // of the attention's output projection
  bool mlp_bias = false;
  bool tied_embeddings = false;  // the output head is the embedding
  // Tokens that a layer attends to; 0: all. Contexts beyond it are refused (check_context).
  std::int64_t sliding_window = 0;
  TensorNames tensors;
};

class ConfigFile;

struct ModelFamily {
  const char* model_type;  // as in config.json
  // Fills in what is the family's own; sizes that all families spell alike are already there.
  void (*describe)(const ConfigFile& config, ModelDescription& model);
};

// Sorted by name.
const std::vector<ModelFamily>& model_families();

// Reads the description of the model in `files`: its config.json, or the metadata of a GGUF file.
// Where config.json has a key twice, the last one holds, as in Python. Throws Error for a missing
// or torn file, an unknown architecture (naming the known ones), a missing field, or a setting that
// the forward pass does not have.
ModelDescription read_description(const ModelFiles& files);

// The same from the content of a config.json; `where` names the file in messages.
ModelDescription describe(const nlohmann::json& config, const std::string& where);

// Throws Error when `tokens` tokens do not all fit into the model's sliding window: eviction and a
// window of the model's own would be two answers to one question. Within the window it has no
// effect.
void check_context(const ModelDescription& model, std::int64_t tokens);

}  // namespace pressroom
