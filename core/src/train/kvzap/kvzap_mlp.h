// Fits a scorer with one hidden layer (train/kvzap/kvzap_fit.h).
#pragma once

#include <cstdint>
#include <functional>

#include "pressroom/random.h"
#include "train/kvzap/kvzap_fit.h"

namespace pressroom {

struct KvzapMlpRecipe {
  std::int64_t hidden = 64;  // m
  std::int64_t epochs = 15;
  std::int64_t batch = 512;
  double rate = 5e-3;         // falls to 0 as a cosine
  double decay = 0.01;        // of the weights, per unit of rate
  double clip_norm = 1.0;     // of the whole gradient
  std::int64_t patience = 3;  // epochs without a better validation before it stops
};

// AdamW on the mean square, from the rows behind the validations; the weights of the epoch with
// the best validation. Inputs and targets are standardised while learning, and the weights made
// over to take them as they are. `before_batch` may throw to end it.
KvzapModule fit_mlp(
    const KvzapTask& task, const KvzapMlpRecipe& recipe, const RandomKey& random,
    const std::function<void()>& before_batch = [] {});

}  // namespace pressroom
