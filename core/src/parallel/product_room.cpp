#include "parallel/product_room.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <atomic>
#include <cstddef>
#include <string>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
// Its buffer, mapped a little larger at first, and the thread's stack.
constexpr std::size_t kThreadMegabytes = 128 + 1 + 8;
// What is read, and made of it, by then.
constexpr std::size_t kMarginMegabytes = 32;

bool has_room(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  ::munmap(memory, bytes);
  return true;
}

}  // namespace

void require_product_room(std::int64_t threads) {
  static std::atomic<std::int64_t> known{0};  // so many threads have their buffers, or had room
  if (threads <= known) return;
  rlimit limit = {};
  const bool is_limited = ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  // Looked up at run time: which BLAS is loaded is the system's choice, not the build's.
  if (is_limited && ::dlsym(RTLD_DEFAULT, "openblas_get_config") != nullptr) {
    const std::size_t needed =
        static_cast<std::size_t>(threads - known) * kThreadMegabytes + kMarginMegabytes;
    if (!has_room(needed * kMegabyte)) {
      throw Error({"the address space is too small for products of matrices", "",
                   std::to_string(needed) + " MB free for " + std::to_string(threads) +
                       (threads == 1 ? " thread" : " threads"),
                   "less, of a limit of " + std::to_string(limit.rlim_cur / kMegabyte) + " MB",
                   threads > 1 ? "run fewer threads (--threads 1), or raise the limit (ulimit -v)"
                               : "raise the limit (ulimit -v)"});
    }
  }
  known = threads;
}

}  // namespace pressroom
