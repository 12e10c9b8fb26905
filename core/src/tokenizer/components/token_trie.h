// Finds the longest of many strings that a text begins with.
//
//   TokenTrie trie;
//   trie.add("<s>", 0);
//   trie.longest("<s>text");      // {0, 3}
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace pressroom {

class TokenTrie {
 public:
  struct Match {
    std::int32_t value;  // kNone without a match
    std::size_t length;
  };
  static constexpr std::int32_t kNone = -1;

  TokenTrie() { first_.fill(kNone); }

  // Adds `key`, which is not empty, with a `value` that is not negative. The first of equal keys
  // counts.
  void add(std::string_view key, std::int32_t value);

  // The longest key that `text` (not empty) begins with.
  Match longest(std::string_view text) const;

 private:
  struct Node {
    std::int32_t value = kNone;
    std::vector<std::pair<unsigned char, std::int32_t>> next;  // by byte, unsorted: few or one
  };

  std::int32_t child(std::int32_t node, unsigned char byte) const;

  std::array<std::int32_t, 256> first_;  // most texts fail at the first byte
  std::vector<Node> nodes_;
};

}  // namespace pressroom
