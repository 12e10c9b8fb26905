// The weights of a model, whatever file format holds them.
//
//   ModelFiles files = find_model("SmolLM2.gguf");
//   std::unique_ptr<WeightSource> weights = open_weights(files);
//   weights->contains("model.layers.0.self_attn.q_proj.weight");  // true
#pragma once

#include <memory>

#include "model/model_files.h"
#include "weights/weight_source.h"

namespace pressroom {

// Opens the GGUF file, the one safetensors file, or the shards of the index file in `files.root`.
// Only headers are read here; what they say is checked in full. Throws Error for a missing or torn
// file and for anything that the formats' own openers refuse.
std::unique_ptr<WeightSource> open_weights(const ModelFiles& files);

}  // namespace pressroom
