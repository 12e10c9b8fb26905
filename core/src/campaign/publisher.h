// Brings results to the disk on a thread of its own, while the next cell runs: for small cells a
// tenth of the time.
//
//   Publisher publisher;
//   publisher.add([=] { directory.store_cell(result, folder); });
//   publisher.finish();        // all are there now
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace pressroom {

class Publisher {
 public:
  Publisher();
  // Does what is still to be done.
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Has `task` run after all that were added before; waits while too many are to be run. Throws
  // what an earlier task threw: nothing is run after a task that failed.
  void add(std::function<void()> task);

  // Returns when every task has run. Throws what one threw.
  void finish();

 private:
  void work();

  std::mutex mutex_;  // of everything below
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;  // the first is the one being run
  std::exception_ptr failure_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace pressroom
