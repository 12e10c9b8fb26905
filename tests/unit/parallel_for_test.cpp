#include "parallel/parallel_for.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace pressroom {
namespace {

TEST(ParallelFor, CallsEachIndexOnce) {
  for (const std::int64_t threads : {1, 2, 3, 8}) {
    for (const std::int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      parallel_for(count, threads, [&](std::int64_t i) { ++calls[i]; });
      for (const auto& call : calls) EXPECT_EQ(call, 1) << count << " on " << threads;
    }
  }
}

TEST(ParallelFor, NeverRunsMoreThreadsThanAsked) {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  parallel_for(200, 3, [&](std::int64_t) {
    const int now = ++running;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    std::this_thread::yield();
    --running;
  });
  EXPECT_LE(most, 3);
}

TEST(ParallelFor, RethrowsAndGoesOnWorking) {
  for (int repeat = 0; repeat < 20; ++repeat) {
    EXPECT_THROW(parallel_for(100, 4,
                              [](std::int64_t i) {
                                if (i == 13) throw std::runtime_error("13");
                              }),
                 std::runtime_error);
    std::atomic<int> calls{0};
    parallel_for(50, 4, [&](std::int64_t) { ++calls; });
    EXPECT_EQ(calls, 50);
  }
}

TEST(ParallelFor, RunsALoopInsideALoopAndLoopsOfSeveralThreads) {
  std::atomic<int> calls{0};
  const auto loop = [&] {
    for (int repeat = 0; repeat < 50; ++repeat) {
      parallel_for(10, 3,
                   [&](std::int64_t) { parallel_for(10, 3, [&](std::int64_t) { ++calls; }); });
    }
  };
  std::thread other(loop);
  loop();
  other.join();
  EXPECT_EQ(calls, 2 * 50 * 100);
}

}  // namespace
}  // namespace pressroom
