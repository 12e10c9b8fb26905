// One KV head under eviction, one token at a time, as fast as it goes: entries lie in slots, in no
// order, and a new entry takes the slot of the one that left. Attention does not mind the order;
// positions ride along.
//
// For methods that rank by a statistic the engine keeps or by a score given at birth. Everything
// else goes through LayerState.
//
// Under cache_index positions entry j of T is turned by j and the newest query by T - 1. Rotary
// attention depends on the difference alone, which is the number of newer entries held, so turning
// the query by its original position t and the entry by its own plus `delay` - the number of newer
// entries that have left - is the same; and an eviction touches only the entries older than what
// left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/cache/eviction_log.h"
#include "engine/cache/layer_setup.h"

namespace pressroom {

class SlotHead {
 public:
  // `setup` is borrowed.
  explicit SlotHead(const LayerSetup& setup);

  // Adds the entry of the next position; `raw_key` (not rotated), `key` (rotated by its original
  // position) and `value` are [d].
  void append(const float* raw_key, const float* key, const float* value, float birth_score);

  // Attention of the newest token over all entries, its own included, into `out`, and the statistic
  // of every entry. `queries` (rotated by the original position) and `out` are [g,d].
  void attend(const float* queries, float* out);

  // Drops what exceeds the budget, lowest rank first and the older of two equals, and notes it in
  // `evictions`. Throws Error, naming `where`, when a rank is NaN.
  void evict(const std::string& where, EvictionLog& evictions);

 private:
  float rank_of(std::int64_t slot) const;
  bool may_leave(std::int64_t slot) const;
  std::int64_t lowest(const std::string& where) const;
  [[noreturn]] void refuse_nan(const std::string& where) const;
  void remove(std::int64_t slot);
  void store_key(std::int64_t slot, const float* key);
  void rerotate_older_entries();

  const LayerSetup& setup_;
  std::int64_t head_dim_;
  std::int64_t group_;
  std::int64_t stride_;        // of keys and scores: slots, padded
  std::int64_t value_stride_;  // channels, padded
  bool by_index_;
  bool by_birth_;
  std::int64_t size_ = 0;
  std::int64_t next_position_ = 0;
  std::vector<float> keys_;      // [d,stride]
  std::vector<float> raw_keys_;  // [slots,d], under cache_index
  std::vector<float> values_;    // [slots,value_stride]
  std::vector<float> rank_;      // [stride]: the statistic, or the birth score
  std::vector<std::int32_t> positions_;
  std::vector<std::int32_t> position_shift_;   // under cache_index
  std::vector<std::int32_t> left_;             // positions that leave at this event
  std::vector<float> scaled_queries_;          // [g,d]
  std::vector<float> scores_, sums_, turned_;  // [g,stride], [g,value_stride], [d]
};

}  // namespace pressroom
