// The entries of one KV head of one layer of one document: stored densely, in ascending order of
// original position, and really gone once they are dropped.
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// What is stored per entry besides position, token id, key and value.
struct EntryLayout {
  std::int64_t head_dim = 0;
  bool raw_keys = false;  // a second copy of the key, before rotation
  bool birth_score = false;
  bool attention = false;         // the engine's signal
  std::int64_t input_floats = 0;  // an entry's share of the attention inputs that are kept

  // Bytes of key, value and float32 statistics: what a cell is charged for an entry.
  std::int64_t bytes() const {
    const std::int64_t vectors = raw_keys ? 3 : 2;
    const std::int64_t statistics = (birth_score ? 1 : 0) + (attention ? 1 : 0);
    return (vectors * head_dim + statistics + input_floats) *
           static_cast<std::int64_t>(sizeof(float));
  }
};

class HeadCache {
 public:
  // `reserve_entries`: most entries expected at once; growth beyond it costs a copy.
  HeadCache(const EntryLayout& layout, std::int64_t reserve_entries);

  // Adds the newest entry. `position` must be above all positions held. `key` and `value` are [d];
  // `raw_key` is read only when the layout keeps raw keys.
  void append(std::int64_t position, std::int64_t token_id, const float* key, const float* raw_key,
              const float* value, float birth_score);

  // Drops the entries at `indices` (ascending, unique, within 0 .. size() - 1).
  void drop(const std::vector<std::int64_t>& indices);

  // Sets these channels (each below head_dim) of all keys held to 0.
  void zero_channels(const std::vector<std::int64_t>& channels);

  // What the cache has from the allocator.
  std::int64_t allocated_bytes() const;

  std::int64_t size() const { return static_cast<std::int64_t>(positions_.size()); }
  const EntryLayout& layout() const { return layout_; }

  // Borrowed until the next append or drop. [T], [T], [T,d], [T,d], [T,d], [T], [T].
  const std::vector<std::int64_t>& positions() const { return positions_; }
  const std::vector<std::int64_t>& token_ids() const { return token_ids_; }
  const float* keys() const { return keys_.data(); }
  const float* raw_keys() const { return raw_keys_.data(); }
  const float* values() const { return values_.data(); }
  const float* birth_scores() const { return birth_scores_.data(); }
  const float* attention() const { return attention_.data(); }
  float* attention() { return attention_.data(); }

 private:
  EntryLayout layout_;
  std::vector<std::int64_t> positions_;
  std::vector<std::int64_t> token_ids_;
  std::vector<float> keys_;
  std::vector<float> raw_keys_;
  std::vector<float> values_;
  std::vector<float> birth_scores_;
  std::vector<float> attention_;
};

}  // namespace pressroom
