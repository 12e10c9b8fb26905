#include "distinct_texts.h"

namespace pressroom {
namespace {

// Of 128 random bits, six of which say that it is a random one (RFC 4122, 4.4).
std::string uuid(RandomKey key) {
  const std::uint64_t high = (key.with(0).bits() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (key.with(1).bits() & ~(3ULL << 62)) | (2ULL << 62);
  std::string text;
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text += '-';
    const std::uint64_t half = digit < 16 ? high : low;
    text += "0123456789abcdef"[half >> (60 - 4 * (digit % 16)) & 15];
  }
  return text;
}

}  // namespace

std::string DistinctTexts::drawn(RandomKey key) const {
  return is_number_ ? std::to_string(1000000 + key.below(9000000)) : uuid(key);
}

const std::string& DistinctTexts::at(std::size_t index) {
  while (texts_.size() <= index) {
    const RandomKey key = key_.with(texts_.size());
    std::string text = drawn(key);
    for (int again = 0; !known_.insert(text).second; ++again) text = drawn(key.with(again));
    texts_.push_back(std::move(text));
  }
  return texts_[index];
}

}  // namespace pressroom
