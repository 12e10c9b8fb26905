#include "engine/cache/violations.h"

#include <cmath>

#include "pressroom/error.h"

namespace pressroom {

void check_row_sum(const float* weights, std::int64_t count) {
  double sum = 0;
  for (std::int64_t j = 0; j < count; ++j) sum += static_cast<double>(weights[j]);
  if (std::abs(sum - 1) <= 1e-3) return;
  violated("I11 attention adds up to 1", std::to_string(count) + " entries", "1 within 0.001",
           std::to_string(sum));
}

void violated(const std::string& invariant, const std::string& where, const std::string& expected,
              const std::string& got) {
  throw Error({"invariant violated: " + invariant, where, expected, got,
               "the result cannot be trusted; please report it with the config"});
}

}  // namespace pressroom
