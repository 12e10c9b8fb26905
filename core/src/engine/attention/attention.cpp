#include "engine/attention/attention.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/attention/attention_kernels.h"
#include "engine/cache/eviction_log.h"
#include "engine/cache/violations.h"

namespace pressroom {
namespace {

// Queries of one product: enough to use the processor well, few enough that gathering the entries
// of a small budget adds little.
constexpr std::int64_t kQueryRows = 64;

at::Tensor borrow(const float* data, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(const_cast<float*>(data), {rows, columns}, at::kFloat);
}

class LifetimeAttention {
 public:
  LifetimeAttention(const HeadTokens& head, const std::vector<std::int32_t>& evicted_after)
      : head_(head), left_after_(evicted_after) {}

  void run(const QueryRange& range, float* out, std::int64_t out_stride) {
    entries_.resize(static_cast<std::size_t>(head_.past + range.begin));
    std::iota(entries_.begin(), entries_.end(), 0);
    for (std::int64_t first = range.begin; first < range.end; first += kQueryRows) {
      const std::int64_t end = std::min(first + kQueryRows, range.end);
      collect(head_.past + first, head_.past + end);
      attend(first, end, out, out_stride);
    }
  }

 private:
  std::int32_t evicted_after(std::int32_t entry) const {
    return left_after_.empty() ? kNeverLeaves : left_after_[entry];
  }

  // The entries that the queries of entries first .. end - 1 see, oldest first.
  void collect(std::int64_t first, std::int64_t end) {
    const auto gone = [&](std::int32_t j) { return evicted_after(j) < first; };
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(), gone), entries_.end());
    for (std::int64_t j = first; j < end; ++j) entries_.push_back(static_cast<std::int32_t>(j));
    const auto count = static_cast<std::int64_t>(entries_.size());
    last_queries_.resize(entries_.size());
    for (std::int64_t i = 0; i < count; ++i) last_queries_[i] = evicted_after(entries_[i]);
    is_gathered_ = count != end;  // some have left: what remains does not lie together
    if (!is_gathered_) return;
    const std::int64_t d = head_.head_dim;
    keys_.resize(entries_.size() * d);
    values_.resize(entries_.size() * d);
    for (std::int64_t i = 0; i < count; ++i) {
      std::copy_n(head_.keys + entries_[i] * d, d, keys_.begin() + i * d);
      std::copy_n(head_.values + entries_[i] * d, d, values_.begin() + i * d);
    }
  }

  void attend(std::int64_t first, std::int64_t end, float* out, std::int64_t out_stride) {
    const std::int64_t d = head_.head_dim;
    const std::int64_t n = end - first;
    const auto count = static_cast<std::int64_t>(entries_.size());
    const at::Tensor keys = borrow(is_gathered_ ? keys_.data() : head_.keys, count, d);
    const at::Tensor values = borrow(is_gathered_ ? values_.data() : head_.values, count, d);
    const float scale = 1.0F / std::sqrt(static_cast<float>(d));
    scores_.resize(static_cast<std::size_t>(n * count));
    outputs_.resize(static_cast<std::size_t>(n * d));
    at::Tensor scores = borrow(scores_.data(), n, count);
    at::Tensor outputs = borrow(outputs_.data(), n, d);
    for (std::int64_t h = 0; h < head_.group; ++h) {
      at::mm_out(scores, borrow(head_.queries + (h * head_.tokens + first) * d, n, d), keys.t());
      for (std::int64_t i = 0; i < n; ++i) {
        masked_softmax(scores_.data() + i * count, count, scale, entries_.data(),
                       last_queries_.data(), static_cast<std::int32_t>(head_.past + first + i));
      }
      check_row_sum(scores_.data() + (n - 1) * count, count);
      if (head_.attention != nullptr) add_received(first, n, count);
      at::mm_out(outputs, scores, values);
      for (std::int64_t i = 0; i < n; ++i) {
        std::copy_n(outputs_.begin() + i * d, d, out + (first + i) * out_stride + h * d);
      }
    }
  }

  void add_received(std::int64_t first, std::int64_t n, std::int64_t count) {
    const bool is_last_block = first + n == head_.tokens;
    if (head_.of_last_query && !is_last_block) return;
    for (std::int64_t i = head_.of_last_query ? n - 1 : 0; i < n; ++i) {
      const float* row = scores_.data() + i * count;
      for (std::int64_t j = 0; j < count; ++j) head_.attention[entries_[j]] += row[j];
    }
  }

  const HeadTokens& head_;
  const std::vector<std::int32_t>& left_after_;
  std::vector<std::int32_t> entries_, last_queries_;  // seen by the block
  bool is_gathered_ = false;
  std::vector<float> keys_, values_;  // of the block's entries, where they are gathered
  std::vector<float> scores_, outputs_;
};

}  // namespace

void attend_lifetimes(const HeadTokens& head, const std::vector<std::int32_t>& evicted_after,
                      const QueryRange& range, float* out, std::int64_t out_stride) {
  LifetimeAttention(head, evicted_after).run(range, out, out_stride);
}

}  // namespace pressroom
