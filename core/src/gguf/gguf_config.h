// The metadata of a GGUF file as the config.json that the same model has at Hugging Face.
//
//   nlohmann::json config = gguf_config(GgufFile("SmolLM2.gguf"));
//   config["model_type"];   // "llama"
//   config["hidden_size"];  // 576
//
// One reader of descriptions serves both formats. A key beyond config.json's own:
// "rope_frequency_factors", an array of one number for each pair of rotated channels, by which its
// inverse frequency is to be divided. A file holds it where a rope_scaling of type llama3 was
// resolved when it was made.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "gguf/gguf_file.h"

namespace pressroom {

// Throws Error for an architecture that is not known (naming the known ones) and for a field that
// is missing, of another type or beyond what can be expressed, each by its key in the file.
nlohmann::json gguf_config(const GgufFile& file);

}  // namespace pressroom
