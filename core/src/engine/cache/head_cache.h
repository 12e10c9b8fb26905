// The entries of one KV head of one layer of one document: stored densely, in ascending order of
// original position, and really gone once they are dropped.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/cache/stored_array.h"
#include "engine/cache/stored_vectors.h"
#include "protocol/kv_dtype.h"

namespace pressroom {

// What is stored per entry besides position, token id, key and value.
struct EntryLayout {
  std::int64_t head_dim = 0;
  KvDtype kv_dtype = KvDtype::kFloat32;  // of keys, raw keys and values
  bool raw_keys = false;                 // a second copy of the key, before rotation
  bool birth_score = false;
  bool attention = false;         // the engine's signal
  std::int64_t input_floats = 0;  // an entry's share of the attention inputs that are kept

  // Bytes of key and value as they are held and of float32 statistics: what a cell is charged for
  // an entry.
  std::int64_t bytes() const {
    const std::int64_t vectors = raw_keys ? 3 : 2;
    const std::int64_t floats = (birth_score ? 1 : 0) + (attention ? 1 : 0) + input_floats;
    return vectors * stored_bytes(kv_dtype, head_dim) +
           floats * static_cast<std::int64_t>(sizeof(float));
  }

  // Of them, what the attention of one token reads: key, value, and the statistic that it adds to.
  std::int64_t bytes_attended() const {
    return 2 * stored_bytes(kv_dtype, head_dim) +
           (attention ? static_cast<std::int64_t>(sizeof(float)) : 0);
  }
};

class HeadCache {
 public:
  explicit HeadCache(const EntryLayout& layout);

  // Makes room for `entries` more at once. Memory grows and is cut as engine/cache/stored_vectors.h
  // says. What is had from the allocator is so at most 13/12 of EntryLayout::bytes() and the 8
  // bytes of position and id for each entry, where there are 48 or more: for a head_dim of 64 at
  // most 1.11 times EntryLayout::bytes() in float32, 1.12 in 16 bits, 1.15 in q8.
  void reserve(std::int64_t entries);

  // Adds the newest entry. `position` must be above all positions held, and it and `token_id` below
  // 2^31. `key` and `value` are [d] and rounded to the layout's dtype; `raw_key` is read only when
  // the layout keeps raw keys.
  void append(std::int64_t position, std::int64_t token_id, const float* key, const float* raw_key,
              const float* value, float birth_score);

  // Drops the entries at `indices` (ascending, unique, within 0 .. size() - 1).
  void drop(const std::vector<std::int64_t>& indices);

  // Sets these channels (each below head_dim) of all keys held to 0.
  void zero_channels(const std::vector<std::int64_t>& channels);

  // The arrays that entries are held in, a row for each entry: "positions" [T], "token_ids" [T],
  // "keys" and "values" as StoredVectors holds them, and what else the layout has. Borrowed until
  // the next call that changes the cache.
  std::vector<StoredArray> stored();

  // Makes room for `count` entries in an empty cache; what they are is then written to stored().
  void make_entries(std::int64_t count);

  // What the cache has from the allocator, positions and ids included.
  std::int64_t allocated_bytes() const;

  std::int64_t size() const { return static_cast<std::int64_t>(positions_.size()); }
  const EntryLayout& layout() const { return layout_; }

  // Borrowed until the next append or drop. [T], [T], [T,d], [T,d], [T,d], [T], [T].
  const std::vector<std::int32_t>& positions() const { return positions_; }
  const std::vector<std::int32_t>& token_ids() const { return token_ids_; }
  StoredRows keys() const { return keys_.rows(); }
  StoredRows raw_keys() const { return raw_keys_.rows(); }
  StoredRows values() const { return values_.rows(); }
  const float* birth_scores() const { return birth_scores_.data(); }
  const float* attention() const { return attention_.data(); }
  float* attention() { return attention_.data(); }

 private:
  EntryLayout layout_;
  std::vector<std::int32_t> positions_;
  std::vector<std::int32_t> token_ids_;
  StoredVectors keys_;
  StoredVectors raw_keys_;
  StoredVectors values_;
  std::vector<float> birth_scores_;
  std::vector<float> attention_;
};

}  // namespace pressroom
