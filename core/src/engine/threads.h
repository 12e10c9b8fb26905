// Who uses the cores: several batches with one thread each, or one batch whose large products use
// them all (model/products.h) - never both at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pressroom {

// Calls `task(i)` for i in [0, tasks), on up to `threads` threads at once; a task that is
// alone has all threads for its products. Returns when all are done; when tasks throw,
// those that have not begun are left out and the exception of the first one is rethrown.
void run_tasks(std::int64_t tasks, std::int64_t threads,
               const std::function<void(std::int64_t)>& task);

// The BLAS that libtorch's products run on: "OpenBLAS", "MKL", or "reference BLAS", which is an
// order of magnitude slower and worth a warning.
std::string blas_in_use();

}  // namespace pressroom
