// The merging of BPE: adjacent symbols become one, the pair learnt first going first.
//
//   BpeMerges merges({{'l', 'o', 256, 0}, {256, 'w', 257, 1}});
//   std::vector<std::int32_t> symbols = {'l', 'o', 'w'};
//   merges.apply(symbols, work);                 // {257}
//
// Where the first symbols of a word come from (bytes, characters) is the business of the model.
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// In tables of ids by byte or character: the vocabulary has none.
inline constexpr std::int32_t kNoId = -1;

struct BpeMerge {
  std::int32_t left;
  std::int32_t right;
  std::int32_t merged;
  std::uint32_t rank;  // below UINT32_MAX; may be shared, which leaves the place to decide
};

class BpeMerges {
 public:
  // Working memory of apply: one for each thread, reused from word to word.
  struct Work {
    std::vector<std::uint32_t> previous;
    std::vector<std::uint32_t> next;
    std::vector<std::uint64_t> heap;
  };

  // `merges` in any order, ids not negative; of two with one and the same pair the later counts.
  explicit BpeMerges(const std::vector<BpeMerge>& merges);

  // Merges `symbols`, the ids of one word, in place: always the pair of lowest rank and, of
  // several, the leftmost, until no pair is left that has a rank. O(n log n) for n symbols. Throws
  // Error when there are 2^32 - 1 or more.
  void apply(std::vector<std::int32_t>& symbols, Work& work) const;

 private:
  static constexpr std::uint32_t kNoRank = UINT32_MAX;

  // A slot of the hash table from pair to merge.
  struct Slot {
    std::uint64_t pair;
    std::uint32_t rank;
    std::int32_t merged;
  };

  std::size_t slot_of(std::uint64_t pair) const;
  const Slot& find(std::int32_t left, std::int32_t right) const;  // rank kNoRank: there is none

  std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
};

}  // namespace pressroom
