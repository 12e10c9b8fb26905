#include "parallel/parallel_for.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "parallel/float_controls.h"
#include "pressroom/error.h"

namespace pressroom {

std::int64_t available_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  return std::max(1U, std::thread::hardware_concurrency());
}

std::int64_t threads_or_all(std::int64_t asked) { return asked > 0 ? asked : available_cores(); }

namespace {

// How often a thread looks for what it waits for, giving others its place in between, before it
// sleeps: 0.1 to 0.2 ms where cores are idle, longer than most loops take to follow one another.
constexpr int kLooksBeforeSleep = 500;

thread_local bool is_inside_loop = false;

struct Loop {
  const std::function<void(std::int64_t)>* body = nullptr;
  std::int64_t count = 0;
  std::int64_t places = 0;  // for threads of the pool
  std::atomic<std::int64_t> next{0};
  std::atomic<std::int64_t> inside{0};
  std::exception_ptr failure;  // of the lowest call that failed: all below it have begun as well
  std::int64_t failed = -1;
  std::mutex failure_mutex;

  void run() {
    is_inside_loop = true;
    use_standard_floats();  // whatever ran on this thread before
    for (std::int64_t i = next++; i < count; i = next++) {
      try {
        (*body)(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(failure_mutex);
        if (failed < 0 || i < failed) {
          failure = std::current_exception();
          failed = i;
        }
        next = count;
      }
    }
    is_inside_loop = false;
  }
};

class Pool {
 public:
  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stops_ = true;
      ++loops_seen_;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  std::vector<int> ids() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ids_;
  }

  // False when the pool is taken.
  bool share(Loop& loop) {
    const std::unique_lock<std::mutex> taken(taken_, std::try_to_lock);
    if (!taken.owns_lock()) return false;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      const std::string refusal = add_workers(loop.places);
      // A thread that still sets libtorch up when the process ends would hang in what is left of
      // it.
      left_.wait(lock, [&] { return ready_ == workers_.size(); });
      if (!refusal.empty()) refuse(loop.places + 1, refusal);
      loop_ = &loop;
      ++loops_seen_;
    }
    wake_.notify_all();
    loop.run();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      loop_ = nullptr;  // who has not come yet need not come
    }
    wait_until_empty(loop);
    return true;
  }

 private:
  // Why there are not `count` of them then; "" when there are.
  std::string add_workers(std::int64_t count) {
    try {
      while (static_cast<std::int64_t>(workers_.size()) < count) {
        workers_.emplace_back([this, seen = loops_seen_.load()] { work(seen); });
      }
    } catch (const std::system_error& error) {
      return error.code().message();
    }
    return "";
  }

  [[noreturn]] void refuse(std::int64_t threads, const std::string& reason) const {
    throw Error({"the threads cannot be started", "", std::to_string(threads) + " threads",
                 std::to_string(workers_.size() + 1) + ", then: " + reason,
                 "run fewer threads (--threads, or \"threads\" in the config), or allow more "
                 "processes and memory (ulimit -u, -v)"});
  }

  void work(std::uint64_t seen) {
    use_one_torch_thread();  // libtorch does not share this thread's work further
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ids_.push_back(::gettid());
      ++ready_;
    }
    left_.notify_all();
    while (true) {
      for (int i = 0; i < kLooksBeforeSleep && loops_seen_.load() == seen; ++i) {
        std::this_thread::yield();
      }
      Loop* loop = nullptr;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return loops_seen_.load() != seen; });
        if (stops_) return;
        seen = loops_seen_.load();
        if (loop_ == nullptr || loop_->inside.load() >= loop_->places) continue;
        loop = loop_;
        ++loop->inside;
      }
      loop->run();
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        --loop->inside;
      }
      left_.notify_all();
    }
  }

  void wait_until_empty(Loop& loop) {
    for (int i = 0; i < kLooksBeforeSleep && loop.inside.load() > 0; ++i) {
      std::this_thread::yield();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    left_.wait(lock, [&] { return loop.inside.load() == 0; });
  }

  std::mutex taken_;              // held by whose loop is being shared
  std::mutex mutex_;              // of everything below
  std::condition_variable wake_;  // a loop began
  std::condition_variable left_;  // a worker left a loop, or is ready for its first
  std::atomic<std::uint64_t> loops_seen_{0};
  Loop* loop_ = nullptr;
  bool stops_ = false;
  std::size_t ready_ = 0;
  std::vector<int> ids_;  // of the threads
  std::vector<std::thread> workers_;
};

Pool& the_pool() {
  static Pool pool;
  return pool;
}

}  // namespace

std::vector<int> pool_threads() { return the_pool().ids(); }

void use_one_torch_thread() {
  // Looked up at run time: a libtorch may have been built without OpenMP.
  static const auto set =
      reinterpret_cast<void (*)(int)>(::dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set == nullptr) return at::set_num_threads(1);
  // libtorch sets a thread's number to that of all cores when it is first asked for.
  at::get_num_threads();
  set(1);
}

void parallel_for(std::int64_t count, std::int64_t threads,
                  const std::function<void(std::int64_t)>& body) {
  Loop loop;
  loop.body = &body;
  loop.count = count;
  loop.places = std::min(threads, count) - 1;
  const bool was_inside = is_inside_loop;
  if (was_inside || loop.places <= 0 || !the_pool().share(loop)) {
    loop.run();
    is_inside_loop = was_inside;
  }
  if (loop.failure) std::rethrow_exception(loop.failure);
}

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
