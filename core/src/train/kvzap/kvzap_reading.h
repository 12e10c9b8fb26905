// The teacher's part of training KVzap: it reads windows twice, and a sample of their tokens
// becomes rows to learn from.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/reconstruction/reconstruction.h"
#include "engine/run.h"
#include "model/model.h"
#include "train/kvzap/kvzap_rows.h"
#include "train/kvzap/kvzap_trainer.h"

namespace pressroom {

struct KvzapTeacher {
  const Model& model;
  const ContextReconstruction& reading;
  const TrainKvzapOptions& options;  // which tokens, by rows_per_window and seed
  const TrainKvzapControl& control;
  std::int64_t threads = 1;  // windows at a time
};

// Adds the rows of `windows` to `rows`, in their order. Throws Error when the model's hidden states
// do not fit into 16 bits, and Interrupted when asked to stop.
void read_twice(const KvzapTeacher& teacher, const std::vector<TokenDocument>& windows,
                KvzapRows& rows);

}  // namespace pressroom
