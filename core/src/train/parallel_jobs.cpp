#include "train/parallel_jobs.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "parallel/product_room.h"

namespace pressroom {
namespace {

// OpenBLAS keeps its own threads, which libtorch does not know of.
void use_one_thread_a_product() {
  using SetThreads = void (*)(int);
  const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(1);
  at::set_num_threads(1);
}

}  // namespace

void run_jobs(int threads, std::int64_t jobs, const std::function<void(std::int64_t)>& job) {
  require_product_room(threads);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(std::max(1, threads)));
  std::atomic<std::int64_t> next{0};
  const auto work = [&](std::size_t worker) {
    try {
      use_one_thread_a_product();
      for (std::int64_t j = next++; j < jobs; j = next++) job(j);
    } catch (...) {
      failures[worker] = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  try {
    for (std::size_t w = 1; w < failures.size(); ++w) helpers.emplace_back(work, w);
  } catch (const std::system_error&) {
    failures[0] = std::current_exception();
    next = jobs;  // those that have begun find nothing more to do
  }
  if (!failures[0]) work(0);
  for (std::thread& helper : helpers) helper.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace pressroom
