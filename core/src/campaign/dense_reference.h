// The dense run that methods are compared with, made once for all cells that share their documents.
//
//   DenseReference dense(settings, engine);
//   for each group of cells that share documents:
//     if (dense.serves(cell)) dense.take(runs);         // dense's own cell, run with keep_hidden
//     dense.hidden(model, documents, control);          // held, or made now
//     dense.forget();
//
// Hidden states take tokens x hidden size x 4 bytes a document while they are held.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "campaign/plan.h"
#include "engine/run.h"
#include "model/model.h"

namespace pressroom {

class DenseReference {
 public:
  // Of `settings` the protocol, the positions and the threads count. Throws Error for a protocol
  // whose runs have no hidden states.
  DenseReference(const RunSettings& settings, Engine engine);

  // Throws Error unless runs under `protocol` have hidden states.
  static void check_protocol(const Protocol& protocol);

  // Whether a run of `cell` is the very run that would be made: results do not depend on whether
  // that cell is run or was there already.
  bool serves(const PlannedCell& cell) const;

  // Holds the hidden states of a run of the group's documents that serves.
  void take(const std::vector<DocumentRun>& runs);

  // One [N,D] for each of the group's documents. Makes the dense run unless something is held;
  // throws what running throws.
  const std::vector<at::Tensor>& hidden(const Model& model,
                                        const std::vector<TokenDocument>& documents,
                                        const RunControl& control);
  bool is_held() const { return !hidden_.empty(); }

  void forget() { hidden_.clear(); }

 private:
  RunSettings settings_;
  Engine engine_;
  std::vector<at::Tensor> hidden_;
};

}  // namespace pressroom
