// A small cache from word to ids, because most words of a text are a few thousand that recur.
//
// Its size is fixed at the start: a new word takes the place of the one that hashes like it. It
// belongs to one call of encode, and so to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

class WordCache {
 public:
  struct Entry {
    std::string word;
    std::vector<std::int32_t> ids;
  };

  // A cache fit for a text of `text_bytes` bytes; at most 16384 words of at most 32 bytes.
  explicit WordCache(std::size_t text_bytes) {
    std::size_t size = 16;
    while (size < kMostEntries && size * kBytesPerEntry < text_bytes) size *= 2;
    entries_.resize(size);
  }

  // The entry where `word` is or would be: the caller compares, and fills it in when it differs.
  // Null for a word that is too long to be kept, or empty.
  Entry* find(std::string_view word) {
    if (word.empty() || word.size() > kLongestWord) return nullptr;
    return &entries_[std::hash<std::string_view>()(word) & (entries_.size() - 1)];
  }

 private:
  static constexpr std::size_t kMostEntries = 16384;
  static constexpr std::size_t kBytesPerEntry = 16;
  static constexpr std::size_t kLongestWord = 32;

  std::vector<Entry> entries_;
};

}  // namespace pressroom
