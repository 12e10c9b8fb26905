// A byte n-gram model with interpolated Witten-Bell smoothing: the yardstick for the starter model.
//
//   NgramModel ngram(5);
//   ngram.add(training_text);
//   double bits = ngram.bits_per_byte(held_out_text);
//
// An order-n model looks at the n - 1 bytes before. With c(h x) the count of byte x after context
// h, c(h) their sum and t(h) the number of different bytes seen after h,
//
//   p(x | h) = (c(h x) + t(h) p(x | h')) / (c(h) + t(h)),
//
// where h' is h without its first byte; below the empty context lies the uniform distribution.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pressroom {

class NgramModel {
 public:
  // 1 <= order <= 8.
  explicit NgramModel(int order);

  // Counts `text`; contexts do not reach over its beginning.
  void add(std::string_view text);

  // p(byte | the last order - 1 bytes of `context`), which may be shorter.
  double probability(std::string_view context, unsigned char byte) const;

  // Mean of -log2 p over all bytes of `text`, each with what precedes it in `text`. `text` must not
  // be empty.
  double bits_per_byte(std::string_view text) const;

 private:
  struct Followers {
    std::int64_t total = 0;
    std::vector<std::pair<unsigned char, std::int64_t>> counts;  // in the order of first sight
  };

  int order_;
  std::vector<std::unordered_map<std::uint64_t, Followers>> by_length_;  // of the context, in bytes
};

}  // namespace pressroom
