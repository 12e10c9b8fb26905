// Randomness that depends on nothing but what it is for.
//
// There is no global generator. A random number is a hash of where it is used - campaign seed,
// document, layer, head, purpose, position - so that it is the same on every machine, with any
// number of threads, in any order of evaluation, and in a run that was killed and resumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace pressroom {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes all 64 bits.
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// A key for random numbers. `with` derives a new key; deriving with other words gives an
// independent one.
//
//   RandomKey key = RandomKey(42).with("document").with(document_id).with(layer);
//   double u = key.with(position).uniform();
class RandomKey {
 public:
  explicit constexpr RandomKey(std::uint64_t seed = 0) : state_(mix_bits(seed)) {}

  constexpr RandomKey with(std::uint64_t word) const {
    RandomKey key;
    key.state_ = mix_bits(state_ ^ mix_bits(word));
    return key;
  }
  constexpr RandomKey with(std::int64_t word) const {
    return with(static_cast<std::uint64_t>(word));
  }
  constexpr RandomKey with(int word) const { return with(static_cast<std::int64_t>(word)); }
  constexpr RandomKey with(std::string_view text) const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return with(hash).with(static_cast<std::uint64_t>(text.size()));
  }

  // 64 random bits, always the same for this key.
  constexpr std::uint64_t bits() const { return mix_bits(state_); }
  // A number in [0, 1) with 53 random bits.
  constexpr double uniform() const { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  // A number of 0 ... count-1; `count` is above 0 and at most 2^53.
  constexpr std::uint64_t below(std::uint64_t count) const {
    return static_cast<std::uint64_t>(uniform() * static_cast<double>(count));
  }

 private:
  std::uint64_t state_;
};

// Puts the elements into an order drawn by `key`.
template <typename T>
void shuffle(std::vector<T>& elements, RandomKey key) {
  for (std::size_t i = elements.size(); i > 1; --i) {
    std::swap(elements[i - 1], elements[key.with(i).below(i)]);
  }
}

// `count` different numbers of 0 ... n-1 in an order drawn by `key`.
std::vector<std::size_t> draw_distinct(RandomKey key, std::size_t n, std::size_t count);

}  // namespace pressroom
