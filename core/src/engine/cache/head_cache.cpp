#include "engine/cache/head_cache.h"

#include <algorithm>
#include <limits>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// Of positions and token ids: above any document's length and any vocabulary.
constexpr std::int64_t kLargestNumber = std::numeric_limits<std::int32_t>::max();

// Of what is small beside keys, and so keeps to std::vector; grown and cut as stored_vectors.h
// says.
template <typename T>
void reserve_values(std::vector<T>& values, std::int64_t count) {
  const std::int64_t needed = static_cast<std::int64_t>(values.size()) + count;
  if (needed <= static_cast<std::int64_t>(values.capacity())) return;
  values.reserve(static_cast<std::size_t>(needed + spare_rows(needed)));
}

template <typename T>
void append_value(std::vector<T>& values, T value) {
  reserve_values(values, 1);
  values.push_back(value);
}

// Closes the gaps that `dropped` leaves.
template <typename T>
void erase_values(std::vector<T>& values, const std::vector<std::int64_t>& dropped) {
  if (values.empty()) return;
  auto out = values.begin() + dropped.front();
  for (std::size_t i = 0; i < dropped.size(); ++i) {
    const auto next = i + 1 < dropped.size() ? values.begin() + dropped[i + 1] : values.end();
    out = std::copy(values.begin() + dropped[i] + 1, next, out);
  }
  values.erase(out, values.end());
  const auto size = static_cast<std::int64_t>(values.size());
  if (static_cast<std::int64_t>(values.capacity()) <= size + most_free_rows(size)) return;
  std::vector<T> cut;
  cut.reserve(static_cast<std::size_t>(size + spare_rows(size)));
  cut.assign(values.begin(), values.end());
  values.swap(cut);
}

}  // namespace

HeadCache::HeadCache(const EntryLayout& layout)
    : layout_(layout),
      keys_(layout.kv_dtype, layout.head_dim),
      raw_keys_(layout.kv_dtype, layout.head_dim),
      values_(layout.kv_dtype, layout.head_dim) {}

void HeadCache::reserve(std::int64_t entries) {
  reserve_values(positions_, entries);
  reserve_values(token_ids_, entries);
  keys_.reserve(entries);
  values_.reserve(entries);
  if (layout_.raw_keys) raw_keys_.reserve(entries);
  if (layout_.birth_score) reserve_values(birth_scores_, entries);
  if (layout_.attention) reserve_values(attention_, entries);
}

std::int64_t HeadCache::allocated_bytes() const {
  const auto bytes_of = [](const auto& values) {
    return static_cast<std::int64_t>(values.capacity() * sizeof(values[0]));
  };
  return bytes_of(positions_) + bytes_of(token_ids_) + keys_.allocated_bytes() +
         raw_keys_.allocated_bytes() + values_.allocated_bytes() + bytes_of(birth_scores_) +
         bytes_of(attention_);
}

std::vector<StoredArray> HeadCache::stored() {
  const std::int64_t entries = size();
  std::vector<StoredArray> arrays = {stored_array("positions", "I32", {entries}, positions_),
                                     stored_array("token_ids", "I32", {entries}, token_ids_),
                                     keys_.stored("keys"), values_.stored("values")};
  if (layout_.raw_keys) arrays.push_back(raw_keys_.stored("keys_before_rope"));
  if (layout_.birth_score) {
    arrays.push_back(stored_array("birth_scores", "F32", {entries}, birth_scores_));
  }
  if (layout_.attention) arrays.push_back(stored_array("attention", "F32", {entries}, attention_));
  return arrays;
}

void HeadCache::make_entries(std::int64_t count) {
  PRESSROOM_ASSERT(positions_.empty());
  const auto entries = static_cast<std::size_t>(count);
  reserve(count);
  positions_.resize(entries);
  token_ids_.resize(entries);
  keys_.make_rows(count);
  values_.make_rows(count);
  if (layout_.raw_keys) raw_keys_.make_rows(count);
  if (layout_.birth_score) birth_scores_.resize(entries);
  if (layout_.attention) attention_.resize(entries);
}

void HeadCache::append(std::int64_t position, std::int64_t token_id, const float* key,
                       const float* raw_key, const float* value, float birth_score) {
  PRESSROOM_ASSERT(positions_.empty() || position > positions_.back());
  PRESSROOM_ASSERT(position <= kLargestNumber && 0 <= token_id && token_id <= kLargestNumber);
  append_value(positions_, static_cast<std::int32_t>(position));
  append_value(token_ids_, static_cast<std::int32_t>(token_id));
  keys_.append(key);
  values_.append(value);
  if (layout_.raw_keys) raw_keys_.append(raw_key);
  if (layout_.birth_score) append_value(birth_scores_, birth_score);
  if (layout_.attention) append_value(attention_, 0.0F);
}

void HeadCache::drop(const std::vector<std::int64_t>& indices) {
  if (indices.empty()) return;
  erase_values(positions_, indices);
  erase_values(token_ids_, indices);
  keys_.erase(indices);
  values_.erase(indices);
  if (layout_.raw_keys) raw_keys_.erase(indices);
  erase_values(birth_scores_, indices);
  erase_values(attention_, indices);
}

void HeadCache::zero_channels(const std::vector<std::int64_t>& channels) {
  for (const std::int64_t channel : channels) keys_.zero_channel(channel);
}

}  // namespace pressroom
