#include "tokenizer/bpe/bpe_merges.h"

#include <algorithm>
#include <functional>
#include <string>

#include "pressroom/error.h"

namespace pressroom {
namespace {

std::uint64_t pair_of(std::int32_t left, std::int32_t right) {
  return (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) |
         static_cast<std::uint32_t>(right);
}

// The order of the heap: by rank, then from left to right.
std::uint64_t entry_of(std::uint32_t rank, std::size_t position) {
  return (std::uint64_t{rank} << 32) | position;
}

constexpr std::int32_t kMergedAway = -1;

}  // namespace

BpeMerges::BpeMerges(const std::vector<BpeMerge>& merges) {
  std::size_t size = 2;
  while (size < 2 * merges.size()) size *= 2;
  slots_.assign(size, Slot{0, kNoRank, 0});
  for (const BpeMerge& merge : merges) {
    const std::uint64_t pair = pair_of(merge.left, merge.right);
    slots_[slot_of(pair)] = Slot{pair, merge.rank, merge.merged};
  }
}

std::size_t BpeMerges::slot_of(std::uint64_t pair) const {
  const std::uint64_t mixed = pair * 0x9E3779B97F4A7C15;  // Fibonacci hashing: 2^64 / golden ratio
  std::size_t slot = (mixed ^ (mixed >> 32)) & (slots_.size() - 1);
  while (slots_[slot].rank != kNoRank && slots_[slot].pair != pair) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

const BpeMerges::Slot& BpeMerges::find(std::int32_t left, std::int32_t right) const {
  return slots_[slot_of(pair_of(left, right))];
}

void BpeMerges::apply(std::vector<std::int32_t>& symbols, Work& work) const {
  const std::size_t n = symbols.size();
  if (n < 2) return;
  if (n >= UINT32_MAX) {
    throw Error({"a word is too long for BPE", "", "fewer than 4294967295 symbols without a split",
                 std::to_string(n), "put white space or line breaks into the text"});
  }
  std::vector<std::uint64_t>& heap = work.heap;
  heap.clear();
  work.previous.resize(n);
  work.next.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    work.previous[i] = static_cast<std::uint32_t>(i) - 1;  // of the first: never read
    work.next[i] = static_cast<std::uint32_t>(i) + 1;
    const std::uint32_t r = i + 1 < n ? find(symbols[i], symbols[i + 1]).rank : kNoRank;
    if (r != kNoRank) heap.push_back(entry_of(r, i));
  }
  std::make_heap(heap.begin(), heap.end(), std::greater<>());

  const auto offer = [&](std::size_t left, std::size_t right) {
    const std::uint32_t r = find(symbols[left], symbols[right]).rank;
    if (r == kNoRank) return;
    heap.push_back(entry_of(r, left));
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  };
  while (!heap.empty()) {
    const std::uint64_t entry = heap.front();
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    heap.pop_back();
    // An entry is out of date when a merge has meanwhile taken one of its symbols.
    const std::size_t left = entry & UINT32_MAX;
    const std::size_t right = symbols[left] == kMergedAway ? n : work.next[left];
    if (right == n) continue;
    const Slot& merge = find(symbols[left], symbols[right]);
    // The symbols at this place are others by now, and their own pair has its own entry.
    if (merge.rank != entry >> 32) continue;

    symbols[left] = merge.merged;
    symbols[right] = kMergedAway;
    const std::size_t after = work.next[right];
    work.next[left] = static_cast<std::uint32_t>(after);
    if (after < n) work.previous[after] = static_cast<std::uint32_t>(left);
    if (left > 0) offer(work.previous[left], left);
    if (after < n) offer(left, after);
  }
  symbols.erase(std::remove(symbols.begin(), symbols.end(), kMergedAway), symbols.end());
}

}  // namespace pressroom
