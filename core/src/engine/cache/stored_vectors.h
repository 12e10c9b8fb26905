// The keys or the values of a KV head's entries, in the dtype they are held in
// (protocol/kv_dtype.h): rows of equal width in one stretch of memory, oldest first.
//
//   StoredVectors keys(KvDtype::kQ8, 64);
//   keys.append(key);                     // [64] floats, rounded (stored_rows.h)
//   keys.erase({3, 7});
//   widen_rows(keys.rows(), keys.size(), out, 64);
//
// Memory has a sixteenth of the rows free after it has grown, for one row or for a prompt at once,
// and it is cut to that when rows leave and more than a twelfth is free. So what is had from the
// allocator is never above 13/12 of what is in use, where that is 48 rows or more; below, one row
// is free at least. Between two times that all rows are copied at least a thirty-second of them has
// come: a cache that loses an entry for each that enters asks for no new memory at all. Gaps are
// closed from the side that has fewer rows to move.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/cache/stored_array.h"
#include "engine/cache/stored_rows.h"
#include "protocol/kv_dtype.h"

namespace pressroom {

// Rows that are free in memory that was had for `rows` rows.
inline std::int64_t spare_rows(std::int64_t rows) { return rows / 16 + 1; }
// More than these free behind `rows` rows are given back.
inline std::int64_t most_free_rows(std::int64_t rows) {
  return rows / 12 > spare_rows(rows) ? rows / 12 : spare_rows(rows);
}

class StoredVectors {
 public:
  StoredVectors(KvDtype dtype, std::int64_t channels);
  // A copy has memory of its own, for the rows that there are.
  StoredVectors(const StoredVectors& other);
  StoredVectors(StoredVectors&&) = default;
  StoredVectors& operator=(const StoredVectors&) = delete;
  StoredVectors& operator=(StoredVectors&&) = default;
  ~StoredVectors() = default;

  // [channels], rounded. While it grows, 16 rows are copied for each that comes, on average.
  void append(const float* vector);

  // Makes room for `count` more rows at once.
  void reserve(std::int64_t count);

  // Takes away the rows at `indices` (ascending, unique, within 0 .. size() - 1).
  void erase(const std::vector<std::int64_t>& indices);

  // The rows as they lie: F32, F16 or BF16 [T,channels]; under q8 U8 [T,stored_bytes], of each row
  // its integers and behind them its scales. Borrowed as rows() is.
  StoredArray stored(std::string name) const;

  // Makes room for `count` rows in an empty object; what they are is then written to stored().
  void make_rows(std::int64_t count);

  // Sets a channel of all rows to 0.
  void zero_channel(std::int64_t channel);

  std::int64_t size() const { return size_; }
  std::int64_t allocated_bytes() const { return capacity_ * row_bytes_; }

  // Borrowed until the next append, reserve or erase.
  StoredRows rows() const { return {row(0), dtype_, channels_, row_bytes_}; }

 private:
  std::byte* row(std::int64_t j) const { return memory_.get() + (first_ + j) * row_bytes_; }
  void move_to(std::int64_t capacity);

  KvDtype dtype_;
  std::int64_t channels_;
  std::int64_t row_bytes_;
  std::unique_ptr<std::byte[]> memory_;
  std::int64_t capacity_ = 0;  // rows
  std::int64_t first_ = 0;     // where row 0 lies
  std::int64_t size_ = 0;
};

}  // namespace pressroom
