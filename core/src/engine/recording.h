// What engines write into a DocumentRun: the scores of its targets, from hidden states, and the
// sizes of its caches, from the evictions of all heads.
//
//   DocumentScorer scorer(model, schedule, document, settings.keep_distributions, run);
//   scorer.add_block(hidden, 0, tokens);
//   record_sizes(schedule, settings.protocol.server, run);
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/distribution/distribution.h"
#include "engine/run.h"

namespace pressroom {

// Writes the scores of one document into its run as hidden states come out of the last layer.
class DocumentScorer {
 public:
  // Everything is borrowed.
  DocumentScorer(const Model& model, const Schedule& schedule, const TokenDocument& document,
                 bool keeps_distributions, DocumentRun& run)
      : model_(model),
        schedule_(schedule),
        document_(document),
        keeps_distributions_(keeps_distributions),
        run_(run) {}

  // Rows 0 .. count - 1 of `hidden` [rows,D] belong to tokens `first` .. ; further rows are idle.
  // Logits are made in blocks of rows, and only where a target or the end of the document needs
  // them, so memory stays flat in tokens x vocabulary.
  void add_block(const at::Tensor& hidden, std::int64_t first, std::int64_t count);

  // The same of one token whose logits [V] are there.
  void add_token(const float* logits, std::int64_t vocabulary, std::int64_t position);

  // Whether the logits of `position` are needed.
  bool reads(std::int64_t position) const;

 private:
  std::int64_t tokens() const { return static_cast<std::int64_t>(document_.ids.size()); }
  bool is_scored(std::int64_t target) const {
    return target >= schedule_.first_target && target < tokens();
  }

  // A target, as far as it is looked at; several threads may make them.
  struct Scored {
    TargetScore score;
    TargetDistribution distribution;
  };
  Scored scored(const float* logits, std::int64_t vocabulary, std::int64_t target) const;
  // Writes it down, with its logits where they are wanted. Targets come in order.
  void add(const Scored& scored, const float* logits, std::int64_t vocabulary, std::int64_t target);

  const Model& model_;
  const Schedule& schedule_;
  const TokenDocument& document_;
  bool keeps_distributions_;
  DocumentRun& run_;
};

// Fills kept, sizes and peak of `run` from its evictions. Under server.append_only sizes and peak
// are those of the pages that entries lie in.
void record_sizes(const Schedule& schedule, const ServerConstraints& server, DocumentRun& run);

}  // namespace pressroom
