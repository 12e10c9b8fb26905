// Weights that a training begins from instead of random ones: those of a starter model.
//
//   LlamaNet net(shape, seed);
//   begin_from("datasets/starter", &net);
#pragma once

#include <filesystem>
#include <string>

#include "train/starter/llama_net.h"

namespace pressroom {

// Copies the weights that export_model wrote to `directory` into `net`. A net that has more layers
// keeps the weights of those behind as they are, except that what they add to the residual stream
// is nothing at first: the net says what the model says, and learns from there. Throws Error when
// the model cannot be read or has another shape.
void begin_from(const std::filesystem::path& directory, LlamaNet* net);

// The SHA-256 of what begin_from reads, and of the vocabulary beside it. Throws Error when a file
// cannot be read.
std::string begin_from_sha256(const std::filesystem::path& directory);

}  // namespace pressroom
