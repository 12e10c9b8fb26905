// The tokens of a step through all layers of a model, each sequence over its own caches: what the
// decode engine and a growing sequence have in common.
//
//   StepPass pass(model, setup, 4);
//   const at::Tensor hidden = pass.feed_block({&caches, step});      // many tokens of one sequence
//   pass.feed_tokens({{&a, step_of_a}, {&b, step_of_b}});            // one token of each
//   const float* logits = pass.logits();                             // [2,V]
//
// Where the model lies in host memory, single tokens go through plain memory (model/row_pass.h),
// without a call of the tensor library and without an allocation; elsewhere through Model's own
// pieces, with attention and caches in host memory still.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/sequence_caches.h"
#include "model/row_pass.h"

namespace pressroom {

// A sequence and the tokens of its document that are fed to it.
struct FedSequence {
  SequenceCaches* caches = nullptr;
  FeedStep step;
};

class StepPass {
 public:
  // For up to `most_sequences` sequences at once, at most kMostFewRows. Everything is borrowed.
  StepPass(const Model& model, const LayerSetup& setup, std::int64_t most_sequences);

  // The tokens of one sequence's step, however many. Returns what the output head reads, [n,D] and
  // idle rows behind, where the model lies. A block's height is its sequence's alone: together with
  // another's, its products might round otherwise.
  at::Tensor feed_block(const FedSequence& fed);

  // One token of each; `fed` is not empty.
  void feed_tokens(const std::vector<FedSequence>& fed);

  // Notes in `caches` the first layer's rows of its document's tokens as feeding them would have:
  // the first `prompt` of them as one block, those behind it one by one.
  void settle_first_layer(SequenceCaches& caches, std::int64_t prompt) const;

  // Of the last feed_tokens: [rows,V], made at the first call; and what they are made of, [rows,D].
  // In host memory; valid until the next feed.
  const float* logits();
  at::Tensor hidden() const;

 private:
  at::Tensor through_layers(const std::vector<FedSequence>& fed,
                            const std::vector<std::int64_t>& ids);
  at::Tensor first_rows(const std::vector<std::int64_t>& ids) const;
  void attend(std::int64_t layer, const std::vector<FedSequence>& fed, const StepRows& all);

  const Model& model_;
  const LayerSetup& setup_;
  AttentionScratch scratch_;
  std::optional<RowPass> pass_;  // where the model lies in host memory
  std::vector<std::int64_t> ids_;
  std::vector<float> attention_;  // [most_sequences,Hd]
  at::Tensor rows_;               // without a pass: what the layers gave last
  at::Tensor made_logits_;
  const float* logits_ = nullptr;  // null until they are made
};

}  // namespace pressroom
