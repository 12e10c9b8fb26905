#include "engine/cache/stored_vectors.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {

StoredVectors::StoredVectors(KvDtype dtype, std::int64_t channels)
    : dtype_(dtype), channels_(channels), row_bytes_(stored_bytes(dtype, channels)) {}

StoredVectors::StoredVectors(const StoredVectors& other)
    : StoredVectors(other.dtype_, other.channels_) {
  if (other.size_ == 0) return;
  make_rows(other.size_);
  std::memcpy(row(0), other.row(0), static_cast<std::size_t>(size_ * row_bytes_));
}

void StoredVectors::append(const float* vector) {
  reserve(1);
  store_vector(dtype_, vector, channels_, row(size_++));
}

void StoredVectors::reserve(std::int64_t count) {
  const std::int64_t needed = size_ + count;
  if (first_ + needed <= capacity_) return;
  // Room that gaps have left in front is used again, where it lasts for a while.
  if (capacity_ - size_ >= std::max(count, spare_rows(size_) / 2)) {
    std::memmove(memory_.get(), row(0), static_cast<std::size_t>(size_ * row_bytes_));
    first_ = 0;
    return;
  }
  move_to(needed + spare_rows(needed));
}

void StoredVectors::move_to(std::int64_t capacity) {
  std::unique_ptr<std::byte[]> memory(
      new std::byte[static_cast<std::size_t>(capacity * row_bytes_)]);
  if (size_ > 0) std::memcpy(memory.get(), row(0), static_cast<std::size_t>(size_ * row_bytes_));
  memory_ = std::move(memory);
  capacity_ = capacity;
  first_ = 0;
}

void StoredVectors::erase(const std::vector<std::int64_t>& indices) {
  if (indices.empty()) return;
  const auto gone = static_cast<std::int64_t>(indices.size());
  const auto move_rows = [&](std::int64_t from, std::int64_t count, std::int64_t to) {
    std::memmove(row(to), row(from), static_cast<std::size_t>(count * row_bytes_));
  };
  const std::int64_t before = indices.back() + 1 - gone;  // rows that stay before the last gap
  const std::int64_t behind = size_ - indices.front() - gone;
  if (before < behind) {
    // Each stretch between two gaps moves up by as many as are at or behind its end.
    for (std::int64_t i = gone - 1; i >= 0; --i) {
      const std::int64_t begin = i > 0 ? indices[i - 1] + 1 : 0;
      move_rows(begin, indices[i] - begin, begin + gone - i);
    }
    first_ += gone;
  } else {
    for (std::int64_t i = 0; i < gone; ++i) {
      const std::int64_t begin = indices[i] + 1;
      const std::int64_t end = i + 1 < gone ? indices[i + 1] : size_;
      move_rows(begin, end - begin, begin - i - 1);
    }
  }
  size_ -= gone;
  if (capacity_ > size_ + most_free_rows(size_)) move_to(size_ + spare_rows(size_));
}

StoredArray StoredVectors::stored(std::string name) const {
  StoredArray array = {std::move(name), "F32", {size_, channels_}, {}};
  if (dtype_ == KvDtype::kBfloat16) array.dtype = "BF16";
  if (dtype_ == KvDtype::kFloat16) array.dtype = "F16";
  if (dtype_ == KvDtype::kQ8) {
    array.dtype = "U8";
    array.shape.back() = row_bytes_;
  }
  array.pieces = {{reinterpret_cast<char*>(row(0)), size_ * row_bytes_}};
  return array;
}

void StoredVectors::make_rows(std::int64_t count) {
  PRESSROOM_ASSERT(size_ == 0);
  reserve(count);
  size_ = count;
}

void StoredVectors::zero_channel(std::int64_t channel) {
  PRESSROOM_ASSERT(0 <= channel && channel < channels_);
  // Zero bytes are the number 0 in every dtype.
  const std::int64_t bytes = dtype_ == KvDtype::kFloat32 ? 4 : dtype_ == KvDtype::kQ8 ? 1 : 2;
  for (std::int64_t j = 0; j < size_; ++j) {
    std::memset(row(j) + channel * bytes, 0, static_cast<std::size_t>(bytes));
  }
}

}  // namespace pressroom
