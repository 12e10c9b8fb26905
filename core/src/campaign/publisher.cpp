#include "campaign/publisher.h"

#include <cstddef>
#include <utility>

namespace pressroom {
namespace {

// Results that wait hold memory, and are lost when the process is killed. A disk that is synced
// takes as long as several small cells.
constexpr std::size_t kMostWaiting = 32;

}  // namespace

Publisher::Publisher() : thread_([this] { work(); }) {}

Publisher::~Publisher() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Publisher::add(std::function<void()> task) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || tasks_.size() < kMostWaiting; });
  if (failure_) std::rethrow_exception(failure_);
  tasks_.push_back(std::move(task));
  changed_.notify_all();
}

void Publisher::finish() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || tasks_.empty(); });
  if (failure_) std::rethrow_exception(failure_);
}

void Publisher::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !tasks_.empty(); });
    if (tasks_.empty() || failure_) return;
    const std::function<void()> task = std::move(tasks_.front());
    lock.unlock();
    std::exception_ptr failure;
    try {
      task();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    tasks_.pop_front();
    failure_ = failure;
    changed_.notify_all();
    if (failure_) return;
  }
}

}  // namespace pressroom
