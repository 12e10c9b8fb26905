// The training diet: which tokens the starter model sees at each step, and how much each counts.
//
//   SequenceSampler sampler(*tokenizer, training_ids, recipe, seed);
//   Batch batch = sampler.batch(step);   // batch.ids [sequences, length + 1], batch.weights
//
// Three kinds of sequences are mixed: plain text; recall (facts and questions in text, answers
// weighted); and stretches of text or of random tokens that come again and again. The last kind and
// the dense short sequences of the first phases are what makes attention learn to look things up;
// later phases stretch the distance until the whole context is used. The diet for tasks, meant for
// a model that looks things up already, has the samples of tasks.h as a fourth. Every batch is a
// pure function of (text, recipe, seed, step).
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "tokenizer/tokenizer.h"
#include "train/starter/counter_rng.h"
#include "train/starter/recall.h"
#include "train/starter/tasks.h"

namespace pressroom {

// A part of the training with one sequence length. Shares are of sequences; the rest is plain text.
// In an ambiguous phase most repeated random stretches are drawn from few tokens: the same token
// then has several successors, and one has to look at what stood before it. (A model learns to do
// so within a few hundred steps once it looks up unambiguous stretches, and hardly at all before.)
struct TrainingPhase {
  double until;  // ends at this fraction of all steps
  std::int64_t length;
  double recall_share;
  double repeat_share;
  bool is_ambiguous;
  double task_share = 0;
};

struct DietRecipe {
  std::int64_t steps = 4000;
  std::int64_t tokens_per_step = 4096;
  double answer_weight = 5.0;     // of an answer token, where ordinary text counts 1
  double statement_weight = 0.1;  // of the fixed words around it
  std::vector<TrainingPhase> phases = {
      {0.15, 64, 0.45, 0.45, false}, {0.2875, 128, 0.30, 0.20, false},
      {0.40, 128, 0.30, 0.20, true}, {0.60, 256, 0.25, 0.10, true},
      {0.85, 512, 0.25, 0.05, true}, {1.00, 1024, 0.25, 0.05, true}};
};

// What a model that was trained by the phases above is given to read the shapes of tasks.h.
std::vector<TrainingPhase> task_phases();

struct Batch {
  at::Tensor ids;      // int64 [sequences, length + 1]
  at::Tensor weights;  // float [sequences, length], weight of the target ids[:, 1:]
};

class SequenceSampler {
 public:
  // `training_ids` must outlive the sampler and be longer than the longest phase's sequences.
  SequenceSampler(const Tokenizer& tokenizer, const std::vector<std::int64_t>& training_ids,
                  DietRecipe recipe, std::uint64_t seed);

  // The batch of `step` in [0, steps).
  Batch batch(std::int64_t step) const;

 private:
  struct Sequence {
    std::vector<std::int64_t> ids;
    std::vector<float> weights;  // one per id; the first is unused
  };

  const TrainingPhase& phase(std::int64_t step) const;
  Sequence sequence(const TrainingPhase& phase, std::uint64_t index) const;
  Sequence text(std::int64_t length, std::uint64_t index) const;
  Sequence recall(std::int64_t length, std::uint64_t index) const;
  Sequence repeat(const TrainingPhase& phase, std::uint64_t index) const;
  Sequence task(std::int64_t length, std::uint64_t index) const;
  template <typename Sample>
  Sequence weighted(Sample sample) const;
  std::vector<std::int64_t> draw_stretch(const TrainingPhase& phase, std::size_t count,
                                         CounterRng* rng) const;

  const std::vector<std::int64_t>& training_ids_;
  DietRecipe recipe_;
  std::uint64_t seed_;
  std::int64_t vocabulary_size_;
  RecallTask recall_;
  std::optional<TaskSamples> tasks_;  // where a phase has a share of them
};

}  // namespace pressroom
