#include "train/starter/ngram.h"

#include <algorithm>
#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// The last `length` bytes before `end` as one number.
std::uint64_t context_key(std::string_view text, std::size_t end, std::size_t length) {
  std::uint64_t key = 0;
  for (std::size_t i = end - length; i < end; ++i) {
    key = key << 8 | static_cast<unsigned char>(text[i]);
  }
  return key;
}

}  // namespace

NgramModel::NgramModel(int order) : order_(order) {
  PRESSROOM_ASSERT(order >= 1 && order <= 8);
  by_length_.resize(static_cast<std::size_t>(order));
}

void NgramModel::add(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    for (std::size_t length = 0; length < by_length_.size() && length <= i; ++length) {
      Followers& followers = by_length_[length][context_key(text, i, length)];
      ++followers.total;
      const auto found = std::find_if(followers.counts.begin(), followers.counts.end(),
                                      [&](const auto& entry) { return entry.first == byte; });
      if (found == followers.counts.end()) {
        followers.counts.emplace_back(byte, 1);
      } else {
        ++found->second;
      }
    }
  }
}

double NgramModel::probability(std::string_view context, unsigned char byte) const {
  double p = 1.0 / 256.0;
  const std::size_t longest = std::min(context.size(), by_length_.size() - 1);
  for (std::size_t length = 0; length <= longest; ++length) {
    const auto found = by_length_[length].find(context_key(context, context.size(), length));
    if (found == by_length_[length].end()) return p;  // then no longer context was seen either
    double count = 0;
    for (const auto& [follower, seen] : found->second.counts) {
      if (follower == byte) count = static_cast<double>(seen);
    }
    const auto kinds = static_cast<double>(found->second.counts.size());
    p = (count + kinds * p) / (static_cast<double>(found->second.total) + kinds);
  }
  return p;
}

double NgramModel::bits_per_byte(std::string_view text) const {
  PRESSROOM_ASSERT(!text.empty());
  double bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t from = i - std::min(i, static_cast<std::size_t>(order_));
    bits -=
        std::log2(probability(text.substr(from, i - from), static_cast<unsigned char>(text[i])));
  }
  return bits / static_cast<double>(text.size());
}

}  // namespace pressroom
