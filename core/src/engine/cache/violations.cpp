#include "engine/cache/violations.h"

#include <ATen/ATen.h>

#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr double kLargestRowError = 1e-3;

[[noreturn]] void attention_is_off(const std::string& where, const std::string& got) {
  violated("I11 attention adds up to 1", where, "1 within 0.001", got);
}

}  // namespace

void check_row_sum(const float* weights, std::int64_t count) {
  double sum = 0;
  for (std::int64_t j = 0; j < count; ++j) sum += static_cast<double>(weights[j]);
  if (std::abs(sum - 1) <= kLargestRowError) return;
  attention_is_off(std::to_string(count) + " entries", std::to_string(sum));
}

void check_row_errors(const at::Tensor& errors) {
  const float largest = errors.max().item<float>();
  if (largest <= static_cast<float>(kLargestRowError)) return;
  attention_is_off("a query of the layer", "off by " + std::to_string(largest));
}

void violated(const std::string& invariant, const std::string& where, const std::string& expected,
              const std::string& got) {
  throw Error({"invariant violated: " + invariant, where, expected, got,
               "the result cannot be trusted; please report it with the config"});
}

}  // namespace pressroom
