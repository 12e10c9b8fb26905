#include "engine/threads.h"

#include <dlfcn.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "model/products.h"

namespace pressroom {
namespace {

// Looked up at run time: which BLAS is loaded is the system's choice, not the build's.
template <typename Function>
Function* loaded_function(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

}  // namespace

void run_tasks(std::int64_t tasks, std::int64_t threads,
               const std::function<void(std::int64_t)>& task) {
  const std::int64_t workers = std::min(tasks, threads);
  if (workers <= 1) {
    set_product_threads(tasks == 1 ? threads : 1);
    for (std::int64_t i = 0; i < tasks; ++i) task(i);
    return;
  }
  std::atomic<std::int64_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&] {
    set_product_threads(1);
    for (std::int64_t i = next++; i < tasks; i = next++) {
      try {
        task(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next = tasks;
      }
    }
  };
  std::vector<std::thread> pool;
  for (std::int64_t i = 0; i < workers; ++i) pool.emplace_back(work);
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

std::int64_t available_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  return std::max(1U, std::thread::hardware_concurrency());
}

std::string blas_in_use() {
  if (loaded_function<char*()>("openblas_get_config") != nullptr) return "OpenBLAS";
  if (loaded_function<void()>("mkl_get_max_threads") != nullptr ||
      loaded_function<void()>("MKL_Get_Max_Threads") != nullptr) {
    return "MKL";
  }
  return "reference BLAS";
}

}  // namespace pressroom
