#include "engine/cache/head_cache.h"

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// Closes the gaps that `dropped` leaves in rows of `width` values.
template <typename T>
void erase_rows(std::vector<T>& rows, const std::vector<std::int64_t>& dropped,
                std::int64_t entries, std::int64_t width) {
  if (rows.empty()) return;
  auto out = rows.begin() + dropped.front() * width;
  for (std::size_t i = 0; i < dropped.size(); ++i) {
    const std::int64_t next = i + 1 < dropped.size() ? dropped[i + 1] : entries;
    out = std::copy(rows.begin() + (dropped[i] + 1) * width, rows.begin() + next * width, out);
  }
  rows.erase(out, rows.end());
}

}  // namespace

HeadCache::HeadCache(const EntryLayout& layout, std::int64_t reserve_entries) : layout_(layout) {
  const auto entries = static_cast<std::size_t>(reserve_entries);
  const auto vectors = entries * static_cast<std::size_t>(layout.head_dim);
  positions_.reserve(entries);
  token_ids_.reserve(entries);
  keys_.reserve(vectors);
  values_.reserve(vectors);
  if (layout.raw_keys) raw_keys_.reserve(vectors);
  if (layout.birth_score) birth_scores_.reserve(entries);
  if (layout.attention) attention_.reserve(entries);
}

std::int64_t HeadCache::allocated_bytes() const {
  const auto bytes_of = [](const auto& rows) {
    return static_cast<std::int64_t>(rows.capacity() * sizeof(rows[0]));
  };
  return bytes_of(positions_) + bytes_of(token_ids_) + bytes_of(keys_) + bytes_of(raw_keys_) +
         bytes_of(values_) + bytes_of(birth_scores_) + bytes_of(attention_);
}

void HeadCache::append(std::int64_t position, std::int64_t token_id, const float* key,
                       const float* raw_key, const float* value, float birth_score) {
  PRESSROOM_ASSERT(positions_.empty() || position > positions_.back());
  positions_.push_back(position);
  token_ids_.push_back(token_id);
  keys_.insert(keys_.end(), key, key + layout_.head_dim);
  values_.insert(values_.end(), value, value + layout_.head_dim);
  if (layout_.raw_keys) raw_keys_.insert(raw_keys_.end(), raw_key, raw_key + layout_.head_dim);
  if (layout_.birth_score) birth_scores_.push_back(birth_score);
  if (layout_.attention) attention_.push_back(0);
}

void HeadCache::drop(const std::vector<std::int64_t>& indices) {
  if (indices.empty()) return;
  const std::int64_t entries = size();
  erase_rows(positions_, indices, entries, 1);
  erase_rows(token_ids_, indices, entries, 1);
  erase_rows(keys_, indices, entries, layout_.head_dim);
  erase_rows(raw_keys_, indices, entries, layout_.head_dim);
  erase_rows(values_, indices, entries, layout_.head_dim);
  erase_rows(birth_scores_, indices, entries, 1);
  erase_rows(attention_, indices, entries, 1);
}

void HeadCache::zero_channels(const std::vector<std::int64_t>& channels) {
  for (std::int64_t j = 0; j < size(); ++j) {
    for (const std::int64_t channel : channels) keys_[j * layout_.head_dim + channel] = 0;
  }
}

}  // namespace pressroom
