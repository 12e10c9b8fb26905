#include "engine/cache/query_history.h"

#include <algorithm>

namespace pressroom {

QueryHistory::QueryHistory(const LayerSetup& setup, std::int64_t query_heads, std::int64_t tokens)
    : heads_(query_heads),
      head_dim_(setup.model.head_dim),
      capacity_(std::min(setup.plan.needs.query_window, tokens)),
      moments_(setup.plan.needs.query_moments),
      first_counted_(setup.plan.sinks),
      rows_(static_cast<std::size_t>(capacity_ * heads_ * head_dim_)) {
  if (!moments_) return;
  sums_.resize(static_cast<std::size_t>(heads_ * head_dim_));
  squares_.resize(static_cast<std::size_t>(heads_ * head_dim_ * head_dim_));
}

void QueryHistory::add(std::int64_t position, const float* queries) {
  if (capacity_ > 0) {
    std::copy_n(queries, heads_ * head_dim_, rows_.begin() + next_ * heads_ * head_dim_);
    next_ = (next_ + 1) % capacity_;
    size_ = std::min(size_ + 1, capacity_);
  }
  if (moments_ && position >= first_counted_) add_to_moments(queries);
}

void QueryHistory::add_to_moments(const float* queries) {
  ++counted_;
  for (std::int64_t head = 0; head < heads_; ++head) {
    const float* q = queries + head * head_dim_;
    double* sum = sums_.data() + head * head_dim_;
    for (std::int64_t a = 0; a < head_dim_; ++a) {
      const double scale = q[a];
      double* row = squares_.data() + (head * head_dim_ + a) * head_dim_;
      sum[a] += scale;
#pragma omp simd
      for (std::int64_t b = 0; b < head_dim_; ++b) row[b] += scale * static_cast<double>(q[b]);
    }
  }
}

const float* QueryHistory::query(std::int64_t head, std::int64_t i) const {
  const std::int64_t row = (next_ + capacity_ - size_ + i) % capacity_;
  return rows_.data() + (row * heads_ + head) * head_dim_;
}

void QueryHistory::mean(std::int64_t head, float* out) const {
  const double count = static_cast<double>(std::max<std::int64_t>(counted_, 1));
  for (std::int64_t a = 0; a < head_dim_; ++a) {
    out[a] = static_cast<float>(sums_[head * head_dim_ + a] / count);
  }
}

void QueryHistory::covariance(std::int64_t head, float* out) const {
  const double count = static_cast<double>(std::max<std::int64_t>(counted_, 1));
  const double* sum = sums_.data() + head * head_dim_;
  for (std::int64_t a = 0; a < head_dim_; ++a) {
    const double* row = squares_.data() + (head * head_dim_ + a) * head_dim_;
    const double mean = sum[a] / count;
    for (std::int64_t b = 0; b < head_dim_; ++b) {
      out[a * head_dim_ + b] = static_cast<float>(row[b] / count - mean * (sum[b] / count));
    }
  }
}

}  // namespace pressroom
