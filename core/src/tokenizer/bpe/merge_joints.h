// Where a text can be cut so that BPE gives the same ids for the parts as for the whole.
//
// A SentencePiece-style model takes a whole text for one word. A merge that joins symbols across
// the boundary of two characters c|d takes a left part that ends with c and a right part that
// begins with d. So when no merge of the vocabulary has such parts, nothing is ever merged across
// c|d: the symbols on its two sides never see each other, and as merges are taken by rank and then
// from left to right, each side merges as it would alone. In English text that is so before nearly
// every "▁" (a space), which makes words of bounded length out of a text of any length.
//
// This speaks of characters that are symbols to begin with; whoever cuts must not do so beside a
// character that the vocabulary lacks, which begins as other symbols.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "tokenizer/bpe/bpe_definition.h"

namespace pressroom {

class MergeJoints {
 public:
  // The joints of all merges of `vocabulary`, whose tokens are spelled in characters.
  explicit MergeJoints(const BpeDefinition& vocabulary);

  // Whether some merge joins a symbol that ends with `left` to one that begins with `right`.
  bool joined(char32_t left, char32_t right) const {
    if (left < kAscii && right < kAscii) return ascii_[left][right];
    const std::uint64_t pair = pair_of(left, right);
    return slots_[slot_of(pair)] == pair;
  }

 private:
  static constexpr char32_t kAscii = 128;
  static constexpr std::uint64_t kEmpty = UINT64_MAX;

  static std::uint64_t pair_of(char32_t left, char32_t right) {
    return std::uint64_t{left} << 32 | right;
  }
  std::size_t slot_of(std::uint64_t pair) const;

  std::array<std::bitset<kAscii>, kAscii> ascii_;
  std::vector<std::uint64_t> slots_;  // open addressing, a power of two, at most half full
};

}  // namespace pressroom
