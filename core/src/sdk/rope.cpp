#include "pressroom/rope.h"

#include <ATen/ATen.h>

#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// The mean of exp(i omega p) over p = first, ..., first + count - 1 is a geometric sum: the phase
// of the middle position, shortened by sin(count omega / 2) / (count sin(omega / 2)).
double shortening(double omega, std::int64_t count) {
  const double half = omega / 2;
  const double many = static_cast<double>(count) * half;
  // omega a multiple of 2 pi: the limit.
  if (std::abs(std::sin(half)) < 1e-9) return std::cos(many) / std::cos(half);
  return std::sin(many) / (static_cast<double>(count) * std::sin(half));
}

}  // namespace

at::Tensor rotated(const at::Tensor& x, const at::Tensor& positions, const ModelFacts& model) {
  const auto pairs = static_cast<std::int64_t>(model.rope_frequencies.size());
  const std::int64_t width = x.size(-1);
  PRESSROOM_ASSERT(2 * pairs <= width);
  PRESSROOM_ASSERT(positions.dim() == 1 &&
                   (positions.size(0) == 1 || positions.size(0) == x.size(-2)));
  const at::Tensor omega =
      at::tensor(model.rope_frequencies, at::TensorOptions().dtype(at::kDouble));
  const at::Tensor angles =
      at::outer(positions.to(at::kDouble), omega.to(positions.device()));  // [n,r/2]
  const at::Tensor cosine = angles.cos().to(x.scalar_type());
  const at::Tensor sine = angles.sin().to(x.scalar_type());
  const at::Tensor a = x.narrow(-1, 0, pairs);
  const at::Tensor b = x.narrow(-1, pairs, pairs);
  return at::cat(
      {a * cosine - b * sine, b * cosine + a * sine, x.narrow(-1, 2 * pairs, width - 2 * pairs)},
      -1);
}

at::Tensor mean_rotation(std::int64_t first, std::int64_t count, const ModelFacts& model) {
  PRESSROOM_ASSERT(count >= 1);
  const std::int64_t d = model.head_dim;
  const auto pairs = static_cast<std::int64_t>(model.rope_frequencies.size());
  PRESSROOM_ASSERT(2 * pairs <= d);
  at::Tensor mean = at::zeros({d, d}, at::TensorOptions().dtype(at::kFloat));
  float* r = mean.data_ptr<float>();
  const double middle = static_cast<double>(first) + static_cast<double>(count - 1) / 2;
  for (std::int64_t i = 0; i < pairs; ++i) {
    const double omega = model.rope_frequencies[static_cast<std::size_t>(i)];
    const double length = shortening(omega, count);
    const auto cosine = static_cast<float>(length * std::cos(middle * omega));
    const auto sine = static_cast<float>(length * std::sin(middle * omega));
    const std::int64_t j = i + pairs;
    r[i * d + i] = r[j * d + j] = cosine;
    r[i * d + j] = -sine;
    r[j * d + i] = sine;
  }
  for (std::int64_t i = 2 * pairs; i < d; ++i) r[i * d + i] = 1;
  return mean;
}

}  // namespace pressroom
