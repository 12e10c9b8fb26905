// What attention kernels assert of themselves, and how a violated invariant is said. The rest of
// the invariants look at finished runs (engine/invariants.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace pressroom {

// Invariant I11: throws Error unless `weights` [count], the attention of one query over what it
// sees, add up to 1. Kernels look at one query in kRowSumInterval, which costs next to nothing.
constexpr std::int64_t kRowSumInterval = 64;
void check_row_sum(const float* weights, std::int64_t count);

// The same of many queries on any device: `errors` are their |sum of attention - 1|.
void check_row_errors(const at::Tensor& errors);

// Throws Error: `invariant` ("I2 no resurrection") is violated.
[[noreturn]] void violated(const std::string& invariant, const std::string& where,
                           const std::string& expected, const std::string& got);

}  // namespace pressroom
