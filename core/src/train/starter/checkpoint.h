// The state of a training run on disk, so that a run that was killed goes on as if it had not been.
//
//   save_checkpoint(file, {step, seconds, recipe, net.parameters(), ...});
//   if (std::optional<Checkpoint> saved = load_checkpoint(file)) ...
//
// A file is one line of JSON (the numbers, the recipe, the size of a vector) followed by the three
// vectors as little-endian fp32. It is replaced in one piece.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pressroom {

struct Checkpoint {
  std::int64_t step = 0;  // updates done
  double seconds = 0;     // spent on them, over all runs
  // Of the updates since the last line of the log, whichever run made them: the next one has their
  // mean.
  double loss_sum = 0;
  std::int64_t loss_count = 0;
  std::string recipe;  // everything the weights depend on; another recipe must not resume
  at::Tensor parameters, momentum, second_moment;  // fp32, flat, of one size
};

// Throws Error when the file cannot be written.
void save_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint);

// Nothing when there is no such file. Throws Error when it is torn, damaged or not a checkpoint.
std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& file);

}  // namespace pressroom
