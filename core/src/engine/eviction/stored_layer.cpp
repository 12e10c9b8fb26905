// What a layer holds as arrays, out of memory and back into it.

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "engine/eviction/layer_state.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Positions that at least one head holds, ascending.
std::vector<std::int64_t> held_by_any(const std::vector<HeadCache>& heads) {
  std::vector<std::int64_t> held;
  for (const HeadCache& head : heads) {
    std::vector<std::int64_t> both;
    std::set_union(held.begin(), held.end(), head.positions().begin(), head.positions().end(),
                   std::back_inserter(both));
    held = std::move(both);
  }
  return held;
}

// Throws Error unless the entries of `head` are tokens of `ids`, in order.
void check_entries(const HeadCache& head, const std::vector<std::int64_t>& ids,
                   const std::string& where) {
  std::int64_t before = -1;
  for (std::int64_t j = 0; j < head.size(); ++j) {
    const std::int64_t position = head.positions()[j];
    if (position <= before || position >= static_cast<std::int64_t>(ids.size())) {
      throw Error({"the entries of a cache are not tokens in order", where,
                   "positions that ascend, below " + std::to_string(ids.size()),
                   std::to_string(position) + " after " + std::to_string(before), ""});
    }
    if (head.token_ids()[j] != ids[position]) {
      throw Error({"an entry of a cache is another token than the text has there", where,
                   "token " + std::to_string(ids[position]) + " at " + std::to_string(position),
                   "token " + std::to_string(head.token_ids()[j]), ""});
    }
    before = position;
  }
}

}  // namespace

std::vector<StoredArray> QueryHistory::stored() {
  std::vector<StoredArray> arrays;
  if (capacity_ > 0) {
    const std::int64_t width = heads_ * head_dim_;
    // A full ring begins anywhere.
    if (size_ == capacity_ && next_ != 0) {
      std::rotate(rows_.begin(), rows_.begin() + next_ * width, rows_.end());
      next_ = 0;
    }
    arrays.push_back(stored_array("query_window", "F32", {size_, heads_, head_dim_}, rows_));
    arrays.back().pieces.front().size =
        size_ * width * static_cast<std::int64_t>(sizeof(rows_.front()));
  }
  if (moments_) {
    arrays.push_back(stored_array("query_sums", "F64", {heads_, head_dim_}, sums_));
    arrays.push_back(
        stored_array("query_squares", "F64", {heads_, head_dim_, head_dim_}, squares_));
  }
  return arrays;
}

void QueryHistory::make_tokens(std::int64_t tokens) {
  PRESSROOM_ASSERT(size_ == 0 && counted_ == 0);
  if (capacity_ > 0) {
    size_ = std::min(tokens, capacity_);
    next_ = size_ % capacity_;
  }
  if (moments_) counted_ = std::max<std::int64_t>(tokens - first_counted_, 0);
}

std::vector<StoredArray> LayerState::of_this_layer(std::vector<StoredArray> arrays) const {
  for (StoredArray& array : arrays) {
    array.name = "layers." + std::to_string(place_.layer) + "." + array.name;
  }
  return arrays;
}

std::vector<StoredArray> LayerState::stored_entries() {
  std::vector<StoredArray> all = heads_.front().stored();
  for (std::size_t index = 1; index < heads_.size(); ++index) {
    const std::vector<StoredArray> more = heads_[index].stored();
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].shape.front() += more[i].shape.front();
      all[i].pieces.insert(all[i].pieces.end(), more[i].pieces.begin(), more[i].pieces.end());
    }
  }
  return of_this_layer(std::move(all));
}

std::vector<StoredArray> LayerState::stored_queries() { return of_this_layer(queries_.stored()); }

std::vector<StoredArray> LayerState::stored_inputs() {
  if (!owns_inputs_) return {};
  const std::vector<std::int64_t> held = held_by_any(heads_);
  const std::int64_t width = setup_.model.hidden_size;
  StoredArray inputs = {
      "attention_inputs", "F32", {static_cast<std::int64_t>(held.size()), width}, {}};
  float* rows = place_.attention_inputs.data_ptr<float>();
  for (const std::int64_t position : held) {
    inputs.pieces.push_back({reinterpret_cast<char*>(rows + position * width),
                             width * static_cast<std::int64_t>(sizeof(float))});
  }
  return of_this_layer({std::move(inputs)});
}

void LayerState::make_entries(const std::vector<std::int64_t>& entries, std::int64_t tokens) {
  PRESSROOM_ASSERT(last_position_ == -1 && entries.size() == heads_.size());
  for (std::size_t index = 0; index < heads_.size(); ++index) {
    heads_[index].make_entries(entries[index]);
  }
  queries_.make_tokens(tokens);
  last_position_ = tokens - 1;
  tokens_fed_ = 1;
}

void LayerState::settle_entries(const std::vector<std::int64_t>& ids) {
  for (std::size_t index = 0; index < heads_.size(); ++index) {
    const HeadCache& head = heads_[index];
    check_entries(head, ids, where(static_cast<std::int64_t>(index)));
    std::size_t next = 0;
    for (std::int64_t position = 0; position <= last_position_; ++position) {
      if (next < head.positions().size() && head.positions()[next] == position) {
        ++next;
      } else {
        evictions_[index].leaves(position, last_position_, std::numeric_limits<float>::quiet_NaN());
      }
    }
  }
}

}  // namespace pressroom
