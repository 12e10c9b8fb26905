// The entries of a head in order of position, counted from the newest: how traces name the entries
// that leave. A Fenwick tree; ranks, look-ups and removals take O(log tokens).
//
//   HeldSet held(5);         // positions 0 .. 4
//   held.feed(3);            // of which 0, 1 and 2 have been fed
//   held.rank(1);            // 1: position 2 alone is newer
//   held.remove(1);
//   held.at_rank(1);         // 0
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

class HeldSet {
 public:
  explicit HeldSet(std::int64_t tokens);

  // Tokens 0 .. fed - 1 have entered by now; fed never falls.
  void feed(std::int64_t fed) { fed_ = fed; }

  // Entries held.
  std::int64_t size() const { return fed_ - removed_; }
  // How many held entries are newer than `position`, which is held.
  std::int64_t rank(std::int64_t position) const { return size() - 1 - older(position); }
  // The position of the held entry of this rank, 0 .. size() - 1.
  std::int64_t at_rank(std::int64_t rank) const;
  // `position` must be held.
  void remove(std::int64_t position);

 private:
  // Held entries at positions below `position`.
  std::int64_t older(std::int64_t position) const;

  std::int64_t fed_ = 0;
  std::int64_t removed_ = 0;
  // sums_[i]: entries at the (i & -i) positions that end with i - 1, whether fed or not: those not
  // fed yet lie behind all that are asked for.
  std::vector<std::int32_t> sums_;
};

}  // namespace pressroom
