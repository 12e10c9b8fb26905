// A model family as a description: the facts by which one decoder differs from another. One
// forward pass (model/model.h) serves every description.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pressroom/model_facts.h"

namespace pressroom {

// Where a family keeps its tensors. "{}" stands for the layer index.
struct TensorNames {
  std::string embedding, final_norm, output_head;
  std::string attention_norm, query, key, value, attention_output;
  std::string mlp_norm, mlp_gate, mlp_up, mlp_down;
};

struct ModelDescription {
  std::string family;  // model_type of config.json: "llama"
  ModelFacts facts;
  std::int64_t mlp_size = 0;  // F
  double norm_epsilon = 1e-6;
  double rope_theta = 10000;
  bool attention_bias = false;  // biases on q, k, v and the attention output
  bool mlp_bias = false;
  bool tied_embeddings = false;  // the output head is the embedding
  TensorNames tensors;
};

// Reads `directory`/config.json. Throws Error for a missing or torn file, an unknown architecture
// (naming the known ones), a missing field, or a setting that the forward pass does not have.
ModelDescription read_description(const std::filesystem::path& directory);

}  // namespace pressroom
