// The tensors of a GGUF file as the Hugging Face checkpoint of the same model has them.
//
//   std::unique_ptr<WeightSource> weights = open_gguf_weights("SmolLM2.gguf");
//   weights->read_rows("model.layers.0.self_attn.q_proj.weight", 0, 64, buffer);
//
// Files of the architecture "llama" hold the rows of q and k in another order: there, channels
// 2i and 2i + 1 of a head are rotated together; in a checkpoint, channels i and i + r/2 are, of the
// r that are rotated. Rows are put back as they are read.
#pragma once

#include <filesystem>
#include <memory>

#include "weights/weight_source.h"

namespace pressroom {

// Every type of gguf_blocks.h can be read. Tensors that a checkpoint has not ("rope_freqs.weight")
// keep their names. Throws Error for a torn file, an architecture that is not known, or sizes that
// fit no model.
std::unique_ptr<WeightSource> open_gguf_weights(const std::filesystem::path& file);

}  // namespace pressroom
