// Random numbers that are a pure function of (seed, stream, index).
//
//   CounterRng rng(seed, hash_stream("recall", sample_index));
//   std::uint64_t die = rng.below(6);
//
// There is no state to save in a checkpoint and no order of calls between streams that could
// matter: a training run that goes on from step 700 draws what it would have drawn without a break.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace pressroom {

// The finaliser of SplitMix64: a bijection of 64 bits without visible structure.
inline std::uint64_t mix64(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// A stream number from a purpose and an index (step, sample, parameter).
inline std::uint64_t hash_stream(std::string_view purpose, std::uint64_t index) {
  std::uint64_t h = 0;
  for (const char c : purpose) h = mix64(h ^ static_cast<unsigned char>(c));
  return mix64(h ^ index);
}

class CounterRng {
 public:
  CounterRng(std::uint64_t seed, std::uint64_t stream) : key_(mix64(seed) ^ mix64(~stream)) {}

  std::uint64_t next() { return mix64(key_ + 0x632be59bd9b4e019ULL * ++count_); }

  // Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // Uniform in [0, n), n > 0. The bias is below n / 2^53, far below what a test could see.
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>(uniform() * static_cast<double>(n));
  }

  // Standard normal (Box-Muller, one of the two).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

 private:
  std::uint64_t key_;
  std::uint64_t count_ = 0;
};

}  // namespace pressroom
