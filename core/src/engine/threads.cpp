#include "engine/threads.h"

#include <dlfcn.h>

#include "model/products.h"
#include "parallel/float_controls.h"
#include "parallel/parallel_for.h"

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
  require_product_room(tasks == 1 ? threads : std::min(tasks, threads));
  if (std::min(tasks, threads) > 1) {
    parallel_for(tasks, threads, [&](std::int64_t i) {
      set_product_threads(1);
      task(i);
    });
    return;
  }
  use_standard_floats();
  set_product_threads(tasks == 1 ? threads : 1);
  for (std::int64_t i = 0; i < tasks; ++i) task(i);
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
