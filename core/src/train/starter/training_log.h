// training_log.jsonl: one line of JSON for each evaluation of a training run.
//
//   {"step":250,"tokens":1024000,"seconds":101.5,"train_loss":4.2,"bits_per_byte":2.4,
//    "recall":{"128":0.2,"256":0.1,"512":0.1,"1024":0.1}}
#pragma once

#include <cstdint>
#include <filesystem>

#include "train/starter/train_starter.h"

namespace pressroom {

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
