#include "model/rotary.h"

#include <cmath>

namespace pressroom {

RotaryTable::RotaryTable(std::int64_t head_dim, double rope_theta, std::int64_t positions)
    : half_(head_dim / 2), cosines_(positions * half_), sines_(positions * half_) {
  for (std::int64_t i = 0; i < half_; ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
    const float frequency = 1.0F / std::pow(static_cast<float>(rope_theta), exponent);
    for (std::int64_t position = 0; position < positions; ++position) {
      const float angle = static_cast<float>(position) * frequency;
      cosines_[position * half_ + i] = std::cos(angle);
      sines_[position * half_ + i] = std::sin(angle);
    }
  }
}

void RotaryTable::rotate(const float* in, std::int64_t position, float* out) const {
  const float* cosine = cosines_.data() + position * half_;
  const float* sine = sines_.data() + position * half_;
  for (std::int64_t i = 0; i < half_; ++i) {
    const float first = in[i];
    const float second = in[i + half_];
    out[i] = first * cosine[i] - second * sine[i];
    out[i + half_] = second * cosine[i] + first * sine[i];
  }
}

}  // namespace pressroom
