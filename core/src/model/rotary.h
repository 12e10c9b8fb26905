// Rotary position embedding (Su et al. 2021, arXiv 2104.09864), half-split convention: channel i is
// paired with channel i + r/2 and turned by the angle position * frequency[i], for the first r
// channels of a head; the others stay as they are.
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// Cosines and sines for positions 0 .. positions - 1, in float32 as the reference library computes
// them. Immutable; shared by all layers, heads and documents.
class RotaryTable {
 public:
  // `frequencies`: [r/2], angle per position of each pair.
  RotaryTable(std::int64_t head_dim, const std::vector<float>& frequencies, std::int64_t positions);

  // out[d] = in[d] rotated to `position`; `in` and `out` may be the same.
  void rotate(const float* in, std::int64_t position, float* out) const;

  // [positions, r/2] each, row by row.
  const std::vector<float>& cosines() const { return cosines_; }
  const std::vector<float>& sines() const { return sines_; }
  std::int64_t pairs() const { return half_; }

 private:
  std::int64_t head_dim_;
  std::int64_t half_;           // r/2
  std::vector<float> cosines_;  // [positions, r/2]
  std::vector<float> sines_;
};

}  // namespace pressroom
