#include "engine/slot_head.h"

#include <algorithm>
#include <cmath>

#include "engine/attention_kernels.h"
#include "pressroom/error.h"

namespace pressroom {

SlotHead::SlotHead(const EvictionPlan& plan, std::int64_t budget_tokens,
                   std::int64_t context_tokens, std::int64_t head_dim, std::int64_t group)
    : plan_(plan),
      budget_tokens_(budget_tokens),
      head_dim_(head_dim),
      group_(group),
      stride_(padded(std::min(budget_tokens + plan.interval, context_tokens))),
      value_stride_(padded(head_dim)),
      keys_(static_cast<std::size_t>(head_dim * stride_)),
      values_(static_cast<std::size_t>(stride_ * value_stride_)),
      statistic_(static_cast<std::size_t>(stride_)),
      positions_(static_cast<std::size_t>(stride_)),
      scaled_queries_(static_cast<std::size_t>(group * head_dim)),
      scores_(static_cast<std::size_t>(group * stride_)),
      sums_(static_cast<std::size_t>(group * value_stride_)) {}

void SlotHead::append(const float* key, const float* value) {
  const std::int64_t slot = size_++;
  for (std::int64_t c = 0; c < head_dim_; ++c) keys_[c * stride_ + slot] = key[c];
  std::copy(value, value + head_dim_, values_.begin() + slot * value_stride_);
  statistic_[slot] = 0;
  positions_[slot] = static_cast<std::int32_t>(next_position_++);
}

void SlotHead::attend(const float* queries, float* out) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim_));
  for (std::int64_t i = 0; i < group_ * head_dim_; ++i) scaled_queries_[i] = scale * queries[i];
  column_scores(scaled_queries_.data(), group_, head_dim_, keys_.data(), stride_, size_,
                scores_.data());
  for (std::int64_t h = 0; h < group_; ++h) {
    float* row = scores_.data() + h * stride_;
    softmax(row, size_);
    std::fill(row + padded(size_), row + stride_, 0.0F);
  }
  weighted_sums(scores_.data(), group_, stride_, values_.data(), value_stride_, size_,
                sums_.data());
  for (std::int64_t h = 0; h < group_; ++h) {
    const float* sum = sums_.data() + h * value_stride_;
    std::copy(sum, sum + head_dim_, out + h * head_dim_);
  }
  if (plan_.signal == Signal::kLastQueryAttention) {
    std::fill(statistic_.begin(), statistic_.end(), 0.0F);
  }
  add_rows(scores_.data(), group_, stride_, statistic_.data());
}

float SlotHead::rank_of(std::int64_t slot) const {
  if (plan_.signal != Signal::kMeanAttention) return statistic_[slot];
  return statistic_[slot] / static_cast<float>(next_position_ - positions_[slot]);
}

// The last slot moves into the gap.
void SlotHead::remove(std::int64_t slot) {
  const std::int64_t last = --size_;
  if (slot == last) return;
  for (std::int64_t c = 0; c < head_dim_; ++c) {
    keys_[c * stride_ + slot] = keys_[c * stride_ + last];
  }
  std::copy_n(values_.begin() + last * value_stride_, head_dim_,
              values_.begin() + slot * value_stride_);
  statistic_[slot] = statistic_[last];
  positions_[slot] = positions_[last];
}

// The slot that leaves first. Entries of the last `recents` positions are all there, as none of
// them can have left.
std::int64_t SlotHead::lowest(const std::string& where) const {
  const std::int64_t recent = next_position_ - plan_.recents;
  std::int64_t lowest = -1;
  float least = 0;
  for (std::int64_t slot = 0; slot < size_; ++slot) {
    const std::int64_t position = positions_[slot];
    if (position < plan_.sinks || position >= recent) continue;
    const float rank = rank_of(slot);
    if (std::isnan(rank)) {
      throw Error({"a score is NaN", where + ", position " + std::to_string(position),
                   "finite scores", "NaN", "the model's own activations are not finite here"});
    }
    if (lowest < 0 || rank < least || (rank == least && position < positions_[lowest])) {
      lowest = slot;
      least = rank;
    }
  }
  PRESSROOM_ASSERT(lowest >= 0);
  return lowest;
}

void SlotHead::evict(const std::string& where) {
  while (size_ > budget_tokens_) remove(lowest(where));
}

std::vector<std::int64_t> SlotHead::positions() const {
  std::vector<std::int64_t> sorted(positions_.begin(), positions_.begin() + size_);
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace pressroom
