// Rotary position embedding (Su et al. 2021, arXiv 2104.09864), half-split convention: channel i is
// paired with channel i + d/2 and turned by the angle position * theta^(-2i/d).
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// Cosines and sines for positions 0 .. positions - 1, in float32 as the reference library computes
// them. Immutable; shared by all layers, heads and documents.
class RotaryTable {
 public:
  RotaryTable(std::int64_t head_dim, double rope_theta, std::int64_t positions);

  // out[d] = in[d] rotated to `position`; `in` and `out` may be the same.
  void rotate(const float* in, std::int64_t position, float* out) const;

 private:
  std::int64_t half_;
  std::vector<float> cosines_;  // [positions, d/2]
  std::vector<float> sines_;
};

}  // namespace pressroom
