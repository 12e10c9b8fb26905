// One KV head under eviction, as fast as it goes: entries lie in slots, in no order, and a new
// entry takes the slot of the one that left. Attention does not mind the order; positions ride
// along.
//
// For methods that rank by a statistic the engine keeps (Ranking::kSignal), one token at a time
// with original positions. Everything else goes through LayerState.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/method.h"

namespace pressroom {

class SlotHead {
 public:
  // At most `budget_tokens` + `plan.interval` entries are held at once, or `context_tokens`.
  SlotHead(const EvictionPlan& plan, std::int64_t budget_tokens, std::int64_t context_tokens,
           std::int64_t head_dim, std::int64_t group);

  // Adds the entry of the next position; `key` (rotated) and `value` are [d].
  void append(const float* key, const float* value);

  // Attention of the newest token over all entries, its own included, into `out`, and the statistic
  // of every entry. `queries` (rotated) and `out` are [g,d].
  void attend(const float* queries, float* out);

  // Drops what exceeds the budget, lowest statistic first and the older of two equals. Throws
  // Error, naming `where`, when a statistic is NaN.
  void evict(const std::string& where);

  std::int64_t size() const { return size_; }
  std::vector<std::int64_t> positions() const;  // ascending

 private:
  float rank_of(std::int64_t slot) const;
  std::int64_t lowest(const std::string& where) const;
  void remove(std::int64_t slot);

  EvictionPlan plan_;
  std::int64_t budget_tokens_;
  std::int64_t head_dim_;
  std::int64_t group_;
  std::int64_t stride_;        // of keys and scores: slots, padded
  std::int64_t value_stride_;  // channels, padded
  std::int64_t size_ = 0;
  std::int64_t next_position_ = 0;
  std::vector<float> keys_;       // [d,stride]
  std::vector<float> values_;     // [slots,value_stride]
  std::vector<float> statistic_;  // [stride]
  std::vector<std::int32_t> positions_;
  std::vector<float> scaled_queries_, scores_, sums_;  // [g,d], [g,stride], [g,value_stride]
};

}  // namespace pressroom
