#include "model/rotary.h"

#include <algorithm>
#include <cmath>

namespace pressroom {

RotaryTable::RotaryTable(std::int64_t head_dim, const std::vector<float>& frequencies,
                         std::int64_t positions)
    : head_dim_(head_dim),
      half_(static_cast<std::int64_t>(frequencies.size())),
      cosines_(static_cast<std::size_t>(positions * half_)),
      sines_(static_cast<std::size_t>(positions * half_)) {
  for (std::int64_t i = 0; i < half_; ++i) {
    for (std::int64_t position = 0; position < positions; ++position) {
      const float angle = static_cast<float>(position) * frequencies[i];
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
  if (out != in) std::copy(in + 2 * half_, in + head_dim_, out + 2 * half_);
}

}  // namespace pressroom
