// The window protocol: each window is a document of its own, from an empty cache, and scores the
// tokens that no earlier window has.
#pragma once

#include <vector>

#include "engine/run.h"

namespace pressroom {

class WindowedDocuments {
 public:
  WindowedDocuments(const std::vector<TokenDocument>& documents, const Protocol& protocol);

  // All windows of all documents, in order.
  const std::vector<TokenDocument>& documents() const { return windows_; }

  // From the runs of documents() one run for each original document: nll of the scored targets,
  // sizes step by step, and what the last window holds. Hidden states are not joined.
  std::vector<DocumentRun> joined(std::vector<DocumentRun> runs) const;

 private:
  std::vector<std::vector<ScoredWindow>> places_;  // of each document
  std::vector<TokenDocument> windows_;
};

}  // namespace pressroom
