// The queries of a layer's past that methods may look at: the last few of them, and the moments of
// all.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/cache/layer_setup.h"

namespace pressroom {

// Of the query heads of some KV heads of one layer, before rotation. Nothing is kept of what the
// plan does not need, and nothing is allocated once the window is full.
class QueryHistory {
 public:
  // For `query_heads` heads of `setup`, borrowed, in a document of `tokens`.
  QueryHistory(const LayerSetup& setup, std::int64_t query_heads, std::int64_t tokens);

  // Takes the queries of the token at `position`, [query_heads,d].
  void add(std::int64_t position, const float* queries);

  // Queries held: at most Needs::query_window.
  std::int64_t size() const { return size_; }
  // Query `i` (0 is the oldest held) of `head`, [d].
  const float* query(std::int64_t head, std::int64_t i) const;

  // Mean [d], and covariance [d,d] divided by the number of queries, over the queries of `head` at
  // positions not below plan.sinks; 0 while there are none.
  void mean(std::int64_t head, float* out) const;
  void covariance(std::int64_t head, float* out) const;

 private:
  void add_to_moments(const float* queries);

  std::int64_t heads_;
  std::int64_t head_dim_;
  std::int64_t capacity_;
  bool moments_;
  std::int64_t first_counted_;  // position of the first query in the moments
  std::int64_t size_ = 0;
  std::int64_t next_ = 0;        // row that the next query takes
  std::int64_t counted_ = 0;     // queries in the moments
  std::vector<float> rows_;      // [capacity,heads,d], a ring
  std::vector<double> sums_;     // [heads,d]
  std::vector<double> squares_;  // [heads,d,d]
};

}  // namespace pressroom
