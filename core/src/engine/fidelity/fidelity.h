// How far a run is from the dense run of the same document, target by target:
//
//   KL(dense || run) = sum over tokens v of p_dense(v) ln(p_dense(v) / p(v))
//
// and whether the likeliest tokens are the same. Both runs are given by their final hidden states
// (RunSettings::keep_hidden), so the dense run is made once for all methods, and logits exist for a
// block of rows at a time: memory is flat in tokens x vocabulary.
//
//   const Fidelity fidelity = fidelity_of(model, dense.hidden, run.hidden, run.targets, threads);
//   fidelity.mean_kl();
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/model.h"

namespace pressroom {

// One value per target.
struct Fidelity {
  std::vector<double> kl_nats;     // at least 0 but for rounding; not clamped
  std::vector<bool> is_same_top1;  // the likeliest token, of equals the one with the lowest id

  double mean_kl() const;
  // By nearest rank: the smallest KL that so many per mille of the targets do not exceed.
  double kl_percentile(std::size_t permille) const;
  double top1_agreement() const;  // share of targets, in [0, 1]
};

struct TargetFidelity {
  double kl_nats = 0;
  bool is_same_top1 = false;
};

// Of one target, from the two runs' logits [V] of the position before it. Sums are taken in float32
// over short stretches and in double over all of them, as score_target does. Equal logits give
// exactly 0.
TargetFidelity compare_logits(const float* dense, const float* logits, std::int64_t vocabulary);

// Of all `targets`, tokens 1 .. N-1 of a document, from hidden states [N,D] of both runs. The rows
// of a target and the cut into blocks are the same on both sides. The result does not depend on
// `threads`. Throws Error when hidden states are missing or of another document.
Fidelity fidelity_of(const Model& model, const at::Tensor& dense_hidden, const at::Tensor& hidden,
                     const std::vector<std::int64_t>& targets, std::int64_t threads);

// The inner loop of compare_logits, vectorised for the processor that runs it
// (fidelity_kernel.cpp). With a = p - largest_p and b = q - largest_q.
struct DivergenceSums {
  float p = 0;         // sum of exp(a)
  float q = 0;         // sum of exp(b)
  float weighted = 0;  // sum of exp(a) (a - b)
};

// Over `count` logits of each, in float32; `largest_p` and `largest_q` are at least as large as any
// of theirs.
DivergenceSums divergence_sums(const float* p, float largest_p, const float* q, float largest_q,
                               std::int64_t count);

}  // namespace pressroom
