#include "engine/attention/slot_head.h"

#include <algorithm>
#include <cmath>

#include "engine/attention/attention_kernels.h"
#include "engine/attention/sequential_kernel.h"
#include "engine/cache/violations.h"
#include "pressroom/error.h"

namespace pressroom {

SlotHead::SlotHead(const LayerSetup& setup)
    : setup_(setup),
      head_dim_(setup.model.head_dim),
      group_(setup.model.group_size()),
      stride_(padded(setup.most_entries)),
      value_stride_(padded(head_dim_)),
      by_index_(setup.positions == Positions::kCacheIndex),
      by_birth_(setup.plan.ranking == Ranking::kBirthScore),
      keys_(static_cast<std::size_t>(head_dim_ * stride_)),
      raw_keys_(static_cast<std::size_t>(by_index_ ? head_dim_ * stride_ : 0)),
      values_(static_cast<std::size_t>(stride_ * value_stride_)),
      rank_(static_cast<std::size_t>(stride_)),
      positions_(static_cast<std::size_t>(stride_)),
      position_shift_(static_cast<std::size_t>(stride_)),
      scaled_queries_(static_cast<std::size_t>(group_ * head_dim_)),
      scores_(static_cast<std::size_t>(group_ * stride_)),
      sums_(static_cast<std::size_t>(group_ * value_stride_)),
      turned_(static_cast<std::size_t>(head_dim_)) {}

// Keys lie as columns: a score is a sum over channels for a vector of entries at once.
void SlotHead::store_key(std::int64_t slot, const float* key) {
  for (std::int64_t c = 0; c < head_dim_; ++c) keys_[c * stride_ + slot] = key[c];
}

void SlotHead::append(const float* raw_key, const float* key, const float* value,
                      float birth_score) {
  const std::int64_t slot = size_++;
  store_key(slot, key);
  if (by_index_) std::copy_n(raw_key, head_dim_, raw_keys_.begin() + slot * head_dim_);
  std::copy_n(value, head_dim_, values_.begin() + slot * value_stride_);
  rank_[slot] = by_birth_ ? birth_score : 0.0F;
  positions_[slot] = static_cast<std::int32_t>(next_position_++);
  position_shift_[slot] = 0;
}

void SlotHead::attend(const float* queries, float* out) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim_));
  for (std::int64_t i = 0; i < group_ * head_dim_; ++i) scaled_queries_[i] = scale * queries[i];
  column_scores(scaled_queries_.data(), group_, head_dim_, keys_.data(), stride_, size_,
                scores_.data());
  for (std::int64_t h = 0; h < group_; ++h) {
    float* row = scores_.data() + h * stride_;
    softmax(row, size_);
    std::fill(row + padded(size_), row + stride_, 0.0F);  // add_rows takes whole rows
  }
  if (next_position_ % kRowSumInterval == 0) check_row_sum(scores_.data(), size_);
  weighted_sums(scores_.data(), group_, stride_,
                float_rows(values_.data(), value_stride_, value_stride_), size_, sums_.data());
  for (std::int64_t h = 0; h < group_; ++h) {
    const float* sum = sums_.data() + h * value_stride_;
    std::copy(sum, sum + head_dim_, out + h * head_dim_);
  }
  if (by_birth_) return;  // ranks are given and stay
  if (setup_.plan.signal == Signal::kLastQueryAttention)
    std::fill(rank_.begin(), rank_.end(), 0.0F);
  add_rows(scores_.data(), group_, stride_, rank_.data());
}

float SlotHead::rank_of(std::int64_t slot) const {
  if (by_birth_ || setup_.plan.signal != Signal::kMeanAttention) return rank_[slot];
  return rank_[slot] / static_cast<float>(next_position_ - positions_[slot]);
}

// The last slot moves into the gap.
void SlotHead::remove(std::int64_t slot) {
  const std::int64_t last = --size_;
  if (slot == last) return;
  for (std::int64_t c = 0; c < head_dim_; ++c) {
    keys_[c * stride_ + slot] = keys_[c * stride_ + last];
  }
  if (by_index_) {
    std::copy_n(raw_keys_.begin() + last * head_dim_, head_dim_,
                raw_keys_.begin() + slot * head_dim_);
  }
  std::copy_n(values_.begin() + last * value_stride_, head_dim_,
              values_.begin() + slot * value_stride_);
  rank_[slot] = rank_[last];
  positions_[slot] = positions_[last];
  position_shift_[slot] = position_shift_[last];
}

bool SlotHead::may_leave(std::int64_t slot) const {
  return positions_[slot] >= setup_.plan.sinks &&
         positions_[slot] < next_position_ - setup_.plan.recents;
}

// Names the oldest.
void SlotHead::refuse_nan(const std::string& where) const {
  std::int64_t oldest = next_position_;
  for (std::int64_t slot = 0; slot < size_; ++slot) {
    if (!may_leave(slot) || !std::isnan(rank_of(slot))) continue;
    oldest = std::min<std::int64_t>(oldest, positions_[slot]);
  }
  refuse_nan_rank(where, oldest, by_birth_);
}

// The slot that leaves first. Entries of the last `recents` positions are all there, as none of
// them can have left.
std::int64_t SlotHead::lowest(const std::string& where) const {
  std::int64_t lowest = -1;
  float least = 0;
  for (std::int64_t slot = 0; slot < size_; ++slot) {
    if (!may_leave(slot)) continue;
    const float rank = rank_of(slot);
    if (std::isnan(rank)) refuse_nan(where);
    if (lowest < 0 || rank < least || (rank == least && positions_[slot] < positions_[lowest])) {
      lowest = slot;
      least = rank;
    }
  }
  PRESSROOM_ASSERT(lowest >= 0);
  return lowest;
}

void SlotHead::evict(const std::string& where, EvictionLog& evictions) {
  left_.clear();
  // One scan for each that leaves: at an interval of 1, the usual one, that is a single scan.
  while (size_ > setup_.budget_tokens) {
    const std::int64_t slot = lowest(where);
    evictions.leaves(positions_[slot], next_position_ - 1, rank_of(slot));
    left_.push_back(positions_[slot]);
    remove(slot);
  }
  if (by_index_ && !left_.empty()) rerotate_older_entries();
}

void SlotHead::rerotate_older_entries() {
  for (std::int64_t slot = 0; slot < size_; ++slot) {
    const std::int32_t position = positions_[slot];
    // Once for the event and from the key before rotation: turning a turned key would add up
    // rounding.
    const auto newer = std::count_if(left_.begin(), left_.end(),
                                     [position](std::int32_t other) { return other > position; });
    // Nothing newer left, so the entry is as far from the query as it was.
    if (newer == 0) continue;
    position_shift_[slot] += static_cast<std::int32_t>(newer);
    setup_.rotary->rotate(raw_keys_.data() + slot * head_dim_, position + position_shift_[slot],
                          turned_.data());
    store_key(slot, turned_.data());
  }
}

}  // namespace pressroom
