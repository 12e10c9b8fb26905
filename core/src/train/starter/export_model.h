// Writes a trained network as a Hugging Face model directory.
//
//   export_model(net, "models/starter");   // model.safetensors and config.json
//
// Weights are rounded to fp16 (their size is far from its limits, and it keeps three more bits than
// bf16). tokenizer.json is written where the vocabulary is made, see bpe_trainer.h.
#pragma once

#include <filesystem>

#include "train/starter/llama_net.h"

namespace pressroom {

// Replaces both files, each in one piece. Throws Error when they cannot be written.
void export_model(const LlamaNet& net, const std::filesystem::path& directory);

}  // namespace pressroom
