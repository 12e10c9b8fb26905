// Who uses the cores: batches, one thread each. A product that the BLAS shares among threads is
// summed up in another order for every number of threads, and for models of this size it is slower.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pressroom {

// Threads for the matrix products of the calling thread (libtorch's and the BLAS's own).
void set_product_threads(std::int64_t threads);

// Calls `task(i)` for i in [0, tasks), on up to `threads` threads at once, each with one thread for
// its products. Returns when all are done; the first exception is rethrown and tasks that have not
// begun are left out.
void run_tasks(std::int64_t tasks, std::int64_t threads,
               const std::function<void(std::int64_t)>& task);

// Cores this process may use.
std::int64_t available_cores();

// The BLAS that libtorch's products run on: "OpenBLAS", "MKL", or "reference BLAS", which is an
// order of magnitude slower and worth a warning.
std::string blas_in_use();

}  // namespace pressroom
