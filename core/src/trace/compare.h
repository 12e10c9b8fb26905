// How far two methods kept the same entries of one document.
//
//   const TraceAgreement agreement = compare_traces(h2o, snapkv);
//   agreement.mean(0);      // of layer 0, over all steps
//
// The measure is Jaccard's: entries that both hold over entries that either holds, 1 where nobody
// holds any.
#pragma once

#include <cstdint>
#include <vector>

#include "trace/trace.h"

namespace pressroom {

struct TraceAgreement {
  // What is compared: tokens fed at the steps at whose end both runs were, evictions included. The
  // end of the document always is one.
  std::vector<std::int64_t> tokens_fed;
  std::vector<std::vector<double>> jaccard;  // [layer][of tokens_fed], mean over KV heads

  double mean(std::int64_t layer) const;  // over tokens_fed
  double mean() const;                    // and over layers
};

// Throws Error where the traces are of different token ids, layers, KV heads or numbers of tokens.
// Models, methods, protocols and budgets may differ.
TraceAgreement compare_traces(const Trace& a, const Trace& b);

}  // namespace pressroom
