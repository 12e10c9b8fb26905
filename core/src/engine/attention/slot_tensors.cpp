#include "engine/attention/slot_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/attention/layer_tensors.h"
#include "engine/cache/violations.h"

namespace pressroom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

SlotTensors::SlotTensors(const SequentialInput& input)
    : input_(input),
      tokens_(input.tokens),
      rotary_(*input.setup.rotary, tokens_.keys.device()),
      by_index_(input.setup.positions == Positions::kCacheIndex),
      by_birth_(input.setup.plan.ranking == Ranking::kBirthScore),
      heads_(tokens_.keys.size(0)),
      count_(tokens_.keys.size(1)),
      head_dim_(tokens_.keys.size(2)) {
  const std::int64_t slots = std::min(input.setup.most_entries, count_);
  const at::TensorOptions floats = tokens_.keys.options();
  const at::TensorOptions integers = floats.dtype(at::kLong);
  keys_ = at::zeros({heads_, slots, head_dim_}, floats);
  values_ = at::zeros_like(keys_);
  if (by_index_) raw_keys_ = at::zeros_like(keys_);
  rank_ = at::zeros({heads_, slots}, floats);
  positions_ = at::zeros({heads_, slots}, integers);
  position_shift_ = at::zeros_like(positions_);
  is_held_ = at::zeros({heads_, slots}, floats.dtype(at::kBool));
  unopened_ = at::arange(slots, integers);
  vacant_ = at::empty({heads_, 0}, integers);
  left_after_ = at::full({heads_, count_}, kNeverLeaves, integers);
  left_with_ = at::full({heads_, count_}, kNaN, floats);
  nan_position_ = at::full({heads_}, count_, integers);
  row_error_ = at::zeros({heads_}, floats);
}

void SlotTensors::append(std::int64_t t) {
  const at::Tensor slot = free_slot();
  const at::Tensor row = slot.unsqueeze(2).expand({heads_, 1, head_dim_});
  keys_.scatter_(1, row, tokens_.keys.narrow(1, t, 1));
  values_.scatter_(1, row, tokens_.values.narrow(1, t, 1));
  if (by_index_) raw_keys_.scatter_(1, row, tokens_.raw_keys.narrow(1, t, 1));
  if (by_birth_) {
    rank_.scatter_(1, slot, input_.birth_scores.narrow(1, t, 1));
  } else {
    rank_.scatter_(1, slot, 0.0);
  }
  positions_.scatter_(1, slot, t);
  position_shift_.scatter_(1, slot, 0);
  is_held_.scatter_(1, slot, true);
  ++size_;
}

void SlotTensors::attend(std::int64_t t, at::Tensor out) {
  const at::Tensor queries =
      tokens_.queries.select(2, t) / std::sqrt(static_cast<double>(head_dim_));
  // Each score is a sum by itself: a matrix product may round equal keys differently.
  at::Tensor scores = (queries.unsqueeze(2) * opened(keys_).unsqueeze(1)).sum(-1);
  if (size_ < opened_) {  // else no slot is vacant, and the mask would be all of the same
    scores.masked_fill_((~opened(is_held_)).unsqueeze(1), -kInfinity);
  }
  const at::Tensor weights = at::softmax(scores, -1);
  at::bmm_out(out, weights, opened(values_));
  if ((t + 1) % kRowSumInterval == 0) {
    const at::Tensor sums = weights.select(1, 0).sum(-1, /*keepdim=*/false, at::kDouble);
    row_error_ = at::maximum(row_error_, (sums - 1).abs().to(at::kFloat));
  }
  if (by_birth_) return;
  const at::Tensor received = weights.sum(1);
  if (input_.setup.plan.signal == Signal::kLastQueryAttention) {
    opened(rank_).copy_(received);
  } else {
    opened(rank_).add_(received);
  }
}

void SlotTensors::evict(std::int64_t t) {
  if (size_ <= input_.setup.budget_tokens) return;
  const at::Tensor positions = opened(positions_);
  const at::Tensor ranks = ranks_after(t);
  note_nan(ranks, t);
  std::vector<at::Tensor> vacant = {vacant_.narrow(1, reused_, vacant_.size(1) - reused_)};
  for (; size_ > input_.setup.budget_tokens; --size_) {
    const at::Tensor slot = lowest(ranks, t);
    const at::Tensor position = positions.gather(1, slot);
    left_after_.scatter_(1, position, t);
    // `ranks` stay as they were: they do not depend on what leaves in the same event.
    left_with_.scatter_(1, position, ranks.gather(1, slot));
    is_held_.scatter_(1, slot, false);
    if (by_index_) opened(position_shift_).add_(position > positions);
    vacant.push_back(slot);
  }
  vacant_ = at::cat(vacant, 1);
  reused_ = 0;
  if (by_index_) {
    opened(keys_).copy_(rotary_.rotate(opened(raw_keys_), positions + opened(position_shift_)));
  }
}

std::vector<EvictionLog> SlotTensors::evictions() const {
  check();
  const at::Tensor last = left_after_.to(at::kCPU);
  const at::Tensor scores = left_with_.to(at::kCPU);
  std::vector<EvictionLog> all(static_cast<std::size_t>(heads_), EvictionLog(count_));
  for (std::int64_t head = 0; head < heads_; ++head) {
    const std::int64_t* last_query = last.data_ptr<std::int64_t>() + head * count_;
    const float* score = scores.data_ptr<float>() + head * count_;
    for (std::int64_t j = 0; j < count_; ++j) {
      if (last_query[j] != kNeverLeaves) all[head].leaves(j, last_query[j], score[j]);
    }
  }
  return all;
}

at::Tensor SlotTensors::opened(const at::Tensor& slots) const {
  return slots.narrow(1, 0, opened_);
}

// [G,1].
at::Tensor SlotTensors::free_slot() {
  if (reused_ < vacant_.size(1)) return vacant_.narrow(1, reused_++, 1);
  return unopened_.narrow(0, opened_++, 1).expand({heads_, 1});
}

at::Tensor SlotTensors::ranks_after(std::int64_t t) const {
  if (by_birth_ || input_.setup.plan.signal != Signal::kMeanAttention) return opened(rank_);
  return opened(rank_) / (t + 1 - opened(positions_)).to(at::kFloat);
}

at::Tensor SlotTensors::candidates(std::int64_t t) const {
  const at::Tensor positions = opened(positions_);
  return opened(is_held_) & (positions >= input_.setup.plan.sinks) &
         (positions < t + 1 - input_.setup.plan.recents);
}

// [G,1], of the candidates: among those of the lowest rank, the one of the lowest position.
at::Tensor SlotTensors::lowest(const at::Tensor& ranks, std::int64_t t) const {
  const at::Tensor may_leave = candidates(t);
  const at::Tensor least = ranks.masked_fill(~may_leave, kInfinity).amin(1, /*keepdim=*/true);
  const at::Tensor is_least = may_leave & (ranks == least);
  return opened(positions_).masked_fill(~is_least, count_).argmin(1, /*keepdim=*/true);
}

// Remembers the oldest NaN of the first event that meets one.
void SlotTensors::note_nan(const at::Tensor& ranks, std::int64_t t) {
  const at::Tensor is_nan = candidates(t) & ranks.ne(ranks);
  const at::Tensor oldest = opened(positions_).masked_fill(~is_nan, count_).amin(1);
  nan_position_ = at::minimum(nan_position_, oldest.masked_fill(nan_position_ < count_, count_));
}

void SlotTensors::check() const {
  const at::Tensor nan_position = nan_position_.to(at::kCPU);
  for (std::int64_t head = 0; head < heads_; ++head) {
    const std::int64_t position = nan_position.data_ptr<std::int64_t>()[head];
    if (position < count_) refuse_nan_rank(head_place(input_.layer, head), position, by_birth_);
  }
  check_row_errors(row_error_);
}

}  // namespace pressroom
