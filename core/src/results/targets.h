// The scored tokens of a document, by index. They are consecutive but for gaps between windows, and
// what is consecutive takes no memory: a file that says "a billion targets from 1 on" is read as it
// is written.
//
//   const Targets targets = Targets::range(1, 1023);   // 1, 2, ..., 1023
//   const Targets others = {1, 2, 5, 6};
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace pressroom {

class Targets {
 public:
  Targets() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): what engines give
  Targets(const std::vector<std::int64_t>& indices) {
    for (const std::int64_t index : indices) push_back(index);
  }
  Targets(std::initializer_list<std::int64_t> indices)
      : Targets(std::vector<std::int64_t>(indices)) {}
  // `count` of them from `first` on.
  static Targets range(std::int64_t first, std::size_t count) {
    Targets targets;
    targets.first_ = count > 0 ? first : 0;
    targets.count_ = count;
    return targets;
  }

  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  bool consecutive() const { return listed_.empty(); }
  // Of targets that are not empty.
  std::int64_t front() const { return first_; }
  std::int64_t back() const {
    return listed_.empty() ? first_ + static_cast<std::int64_t>(count_) - 1 : listed_.back();
  }
  // Every index, those that are not consecutive; empty for those that are.
  const std::vector<std::int64_t>& listed() const { return listed_; }

  void push_back(std::int64_t index) {
    if (empty()) first_ = index;
    if (listed_.empty() && count_ > 0 && index != back() + 1) {
      listed_.reserve(count_ + 1);
      for (std::size_t i = 0; i < count_; ++i) {
        listed_.push_back(first_ + static_cast<std::int64_t>(i));
      }
    }
    if (!listed_.empty()) listed_.push_back(index);
    ++count_;
  }
  void clear() { *this = Targets(); }

  bool operator==(const Targets& other) const {
    return first_ == other.first_ && count_ == other.count_ && listed_ == other.listed_;
  }
  bool operator!=(const Targets& other) const { return !(*this == other); }

 private:
  std::int64_t first_ = 0;
  std::size_t count_ = 0;
  std::vector<std::int64_t> listed_;
};

}  // namespace pressroom
