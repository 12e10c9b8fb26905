// The state of a training run on disk, and its log, so that a run that was killed goes on as if it
// had not been.
//
//   if (std::optional<Checkpoint> saved = load_checkpoint(file)) ...
//   log.keep_until(saved->step);
//   save_checkpoint(file, {step, seconds, loss_sum, loss_count, recipe, net.parameters(), ...});
//
// A checkpoint is one line of JSON (the numbers, the recipe, the size of a vector) followed by the
// three vectors as little-endian fp32. It is replaced in one piece.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "train/starter/train_starter.h"

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

// training_log.jsonl: one line of JSON for each evaluation of a training run.
//
//   {"step":250,"tokens":1024000,"seconds":101.5,"train_loss":4.2,"bits_per_byte":2.4,
//    "recall":{"128":0.2,"256":0.1,"512":0.1,"1024":0.1}}
//
// With the diet of tasks "tasks" besides: {"niah_single_1":{"256":0.5,"512":0.4},...}.
class TrainingLog {
 public:
  explicit TrainingLog(std::filesystem::path file);

  // Drops lines of steps after `step`: a run that goes on from there will write them again.
  void keep_until(std::int64_t step);

  // Appends one line. Throws Error when the file cannot be written.
  void add(const TrainProgress& progress);

 private:
  std::filesystem::path file_;
};

}  // namespace pressroom
