// The nll of scored tokens, whatever documents they are in: tokens weigh alike.
//
//   PooledNll pooled(cell.documents);      // of one cell
//   pooled.add(other.documents);           // of two together
//   pooled.perplexity();                   // exp of the mean over all their targets
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "results/cell.h"

namespace pressroom {

struct PooledNll {
  long double sum_nats = 0;
  std::int64_t targets = 0;  // scored tokens

  PooledNll() = default;
  explicit PooledNll(const std::vector<DocumentResult>& documents) { add(documents); }

  void add(const std::vector<DocumentResult>& documents) {
    for (const DocumentResult& document : documents) {
      sum_nats += document.sum_nll_nats;
      targets += static_cast<std::int64_t>(document.targets.size());
    }
  }

  // Nats per token, and exp of it; NaN where nothing was scored.
  double mean() const { return static_cast<double>(sum_nats / targets); }
  double perplexity() const { return std::exp(mean()); }
};

}  // namespace pressroom
