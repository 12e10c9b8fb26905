// A campaign's directory is held by its run, and stays where it is.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "campaign/directory.h"
#include "campaign_test_support.h"
#include "result_builder.h"
#include "scratch_folder.h"

namespace pressroom::directory_lock_test {
namespace {

namespace fs = std::filesystem;

// Lets system call `number` of this thread fail with `code` from now on. False where that cannot
// be.
bool fail_system_call(std::uint32_t number, int code) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(code)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program = {std::size(filter), filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// As flock fails where a file system has no locks, or none left.
TEST(DirectoryLock, SaysThatLocksAreMissingWhereTheyAre) {
  for (const int code : {ENOLCK, EOPNOTSUPP}) {
    const ScratchFolder folder;
    std::vector<Problem> problems;
    bool filtered = false;
    std::thread([&] {  // a filter stays with its thread
      filtered = fail_system_call(SYS_flock, code);
      if (filtered) problems = problems_of([&] { DirectoryLock lock(folder.path()); });
    })
        .join();
    if (!filtered) GTEST_SKIP() << "no system call filters here: a file system without locks";
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].what, "the output directory cannot be locked");
    EXPECT_EQ(problems[0].got, std::generic_category().message(code));
    EXPECT_NE(problems[0].fix.find("--out"), std::string::npos);
  }
}

TEST(CampaignDirectory, IsNotMadeAnewWhereItWasTakenAway) {
  const ScratchFolder scratch;
  const fs::path place = scratch.path() / "run";
  const fs::path elsewhere = scratch.path() / "elsewhere";
  const CellResult result = made_cell("h2o", 0.9, 42, {1.5});
  const auto writes = [&](CampaignDirectory& directory) {
    return std::vector<std::function<void()>>{[&] { directory.store_cell(result, ""); },
                                              [&] { directory.write("plan.json", "{}"); },
                                              [&] {
                                                directory.log_event({{"event", "end"}});
                                              },
                                              [&] { directory.write_config("seeds: [1]"); }};
  };
  {
    CampaignDirectory directory(place);
    fs::rename(place, elsewhere);
    for (const auto& write : writes(directory)) {
      const std::vector<Problem> problems = problems_of(write);
      ASSERT_EQ(problems.size(), 1U);
      EXPECT_EQ(problems[0].what, "the output directory was taken away while the run went on");
      EXPECT_EQ(problems[0].got, "it is " + fs::canonical(elsewhere).string() + " now");
    }
    EXPECT_FALSE(fs::exists(place));
    fs::create_directory(place);  // another one of that name
    EXPECT_EQ(problems_of([&] { directory.write("plan.json", "{}"); }).size(), 1U);
    EXPECT_TRUE(fs::is_empty(place));
  }
  CampaignDirectory directory(place);
  fs::remove_all(place);
  for (const auto& write : writes(directory)) {
    const std::vector<Problem> problems = problems_of(write);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].got, "it was removed");
  }
  EXPECT_FALSE(fs::exists(place));
}

}  // namespace
}  // namespace pressroom::directory_lock_test
