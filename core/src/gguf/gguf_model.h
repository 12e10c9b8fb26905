// A GGUF file as the Hugging Face checkpoint of the same model: its config.json and its tensors.
//
//   nlohmann::json config = gguf_config(GgufFile("SmolLM2.gguf"));
//   config["model_type"];   // "llama"
//   config["hidden_size"];  // 576
//   std::unique_ptr<WeightSource> weights = open_gguf_weights("SmolLM2.gguf");
//   weights->read_rows("model.layers.0.self_attn.q_proj.weight", 0, 64, buffer);
//
// So one reader of descriptions, and one of weights, serves both formats.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "gguf/gguf_file.h"
#include "weights/weight_source.h"

namespace pressroom {

// The metadata as a config.json. A key beyond config.json's own: "rope_frequency_factors", an array
// of one number for each pair of rotated channels, by which its inverse frequency is to be divided.
// A file holds it where a rope_scaling of type llama3 was resolved when it was made.
//
// Throws Error for an architecture that is not known (naming the known ones) and for a field that
// is missing, of another type or beyond what can be expressed, each by its key in the file.
nlohmann::json gguf_config(const GgufFile& file);

// The tensors by the names, and in the order of rows, that the checkpoint has. Files of the
// architecture "llama" hold the rows of q and k in another order: there, channels 2i and 2i + 1 of
// a head are rotated together; in a checkpoint, channels i and i + r/2 are, of the r that are
// rotated. Rows are put back as they are read.
//
// Every type of gguf_blocks.h can be read. Tensors that a checkpoint has not ("rope_freqs.weight")
// keep their names. Throws Error for a torn file, an architecture that is not known, or sizes that
// fit no model.
std::unique_ptr<WeightSource> open_gguf_weights(const std::filesystem::path& file);

}  // namespace pressroom
