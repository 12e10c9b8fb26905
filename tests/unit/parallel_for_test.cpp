#include "parallel/parallel_for.h"

#include <fenv.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "pressroom/error.h"

namespace pressroom::parallel_for_test {
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

// A thread keeps its settings from loop to loop.
TEST(ParallelFor, BeginsOnEveryThreadWithTheStandardFloatingPointSettings) {
  for (const std::int64_t threads : {1, 4}) {
    parallel_for(16, threads, [](std::int64_t) {
      fesetround(FE_UPWARD);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    std::atomic<int> upward{0};
    parallel_for(16, threads, [&](std::int64_t) {
      if (fegetround() != FE_TONEAREST) ++upward;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    EXPECT_EQ(upward, 0) << threads << " threads";
    fesetround(FE_TONEAREST);
  }
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

TEST(ParallelFor, RethrowsTheLowestFailureWhicheverCameFirst) {
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::atomic<bool> later_failed{false};
    const auto body = [&](std::int64_t i) {
      if (i > 1) return;
      while (i == 0 && !later_failed) std::this_thread::yield();
      later_failed = true;
      throw std::runtime_error(std::to_string(i));
    };
    try {
      parallel_for(100, 2, body);
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "0");
    }
  }
}

// A thread that set libtorch up for itself hung when the process had begun to end.
TEST(ParallelForDeathTest, LetsTheProcessEndRightAfterTheFirstLoop) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (int repeat = 0; repeat < 5; ++repeat) {
    EXPECT_EXIT((parallel_for(2, 2, [](std::int64_t) {}), std::exit(0)), testing::ExitedWithCode(0),
                "");
  }
}

#ifndef __SANITIZE_ADDRESS__  // needs all the addresses there are
// Virtual memory of this process, in bytes.
rlim_t address_space_in_use() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

// No room for the stack of another thread, which is what the system says of too many as well.
int loop_without_room_for_threads() {
  parallel_for(2, 2, [](std::int64_t) {});
  const rlim_t limit = address_space_in_use() + (rlim_t{4} << 20);
  const rlimit few = {limit, limit};
  ::setrlimit(RLIMIT_AS, &few);
  try {
    parallel_for(64, 64, [](std::int64_t) {});
  } catch (const Error& error) {
    const Problem& problem = error.problems().front();
    if (problem.what == "the threads cannot be started" && problem.expected == "64 threads" &&
        problem.got.find("Resource temporarily unavailable") != std::string::npos &&
        problem.fix.find("--threads") != std::string::npos) {
      return 7;
    }
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}

TEST(ParallelForDeathTest, SaysWhatToDoWhenThereAreNoMoreThreadsAndLetsTheProcessEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(loop_without_room_for_threads()), testing::ExitedWithCode(7), "");
}
#endif

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
}  // namespace pressroom::parallel_for_test
