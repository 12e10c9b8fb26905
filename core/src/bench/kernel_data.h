// What the kernels are run on, and how much of it they have to do: no clock in here.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/kernel_bench.h"

namespace pressroom {

// One thing to be timed. `prepare` makes the data and returns the call; each thread has its own.
struct KernelCase {
  std::string name;
  double bytes = 0;  // as in KernelFigure
  double flops = 0;
  std::function<std::function<void()>(const KernelShape&)> prepare;
};

// All of them, in the order of the header's table.
std::vector<KernelCase> kernel_cases(const KernelShape& shape);

// How many entries the queries of a document of `tokens` tokens see together, where each sees its
// own and at most `others` before it.
double entries_seen(std::int64_t tokens, std::int64_t others);

}  // namespace pressroom
