// How much memory there is, and what says that there was none.
#include "base/process_memory.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "pressroom/error.h"

namespace pressroom::process_memory_test {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;

TEST(AvailableMemory, IsNoMoreThanTheMachineHas) {
  const auto bytes = available_bytes();
  if (!bytes) GTEST_SKIP() << "/proc does not tell it here";
  EXPECT_GE(*bytes, 0);
  EXPECT_LE(*bytes, ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE));
}

// In a process of its own, whose address space is to grow by 64 MB and no more.
TEST(AvailableMemory, EndsWhereTheAddressSpaceDoes) {
  if (!available_bytes()) GTEST_SKIP() << "/proc does not tell it here";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::int64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const auto most = static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE) + 64 * kMegabyte);
    const rlimit limit = {most, most};
    ::setrlimit(RLIMIT_AS, &limit);
    const auto left = available_bytes();
    ::_exit(left && *left > 0 && *left <= 64 * kMegabyte ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(OutOfMemory, IsToldByWhatIsThrown) {
  EXPECT_TRUE(tells_of_memory(std::bad_alloc()));
  EXPECT_FALSE(tells_of_memory(std::runtime_error("the file cannot be read")));
  EXPECT_FALSE(tells_of_memory(Error({"a budget is too small", "h2o", "2", "1", ""})));
#ifndef __SANITIZE_ADDRESS__  // which ends the process where memory is refused
  try {
    at::empty({std::int64_t{1} << 55}, at::kFloat);
    FAIL() << "this machine has more memory than there is address space";
  } catch (const std::exception& error) {
    EXPECT_TRUE(tells_of_memory(error)) << error.what();
  }
#endif
}

}  // namespace
}  // namespace pressroom::process_memory_test
