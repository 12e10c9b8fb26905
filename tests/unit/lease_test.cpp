#include "lease/lease.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/whole_file.h"
#include "campaign_test_support.h"
#include "scratch_folder.h"

namespace pressroom::lease_test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

void set_age(const fs::path& file, seconds age) {
  fs::last_write_time(file, fs::file_time_type::clock::now() - age);
}

// Of a process of another machine.
Holder stranger(std::int64_t length) {
  Holder holder = this_process(length);
  holder.host = "elsewhere";
  holder.boot_id = "of another kernel";
  return holder;
}

TEST(Leases, OneProcessHasANameUntilItGivesItBack) {
  const ScratchFolder folder;
  LeaseFolder first(folder.path(), seconds(60));
  LeaseFolder second(folder.path(), seconds(60));
  std::optional<Lease> lease = first.claim("cell");
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->epoch(), 1);
  EXPECT_TRUE(lease->is_held());
  EXPECT_FALSE(second.claim("cell"));
  EXPECT_TRUE(second.claim("another"));
  lease->release();
  EXPECT_FALSE(lease->is_held());
  EXPECT_TRUE(second.claim("cell"));
}

TEST(Leases, OfAProcessThatIsGoneAreFreeAtOnce) {
  const ScratchFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    LeaseFolder leases(folder.path(), seconds(3600));
    ::_exit(leases.claim("cell") ? 0 : 1);  // without a destructor, as a kill
  }
  LeaseFolder leases(folder.path(), seconds(60));
  for (int i = 0; i < 500 && !fs::exists(folder.path() / "cell.1"); ++i) ::usleep(10000);
  // Until somebody waits for it, it counts as being there: its supervisor has something to say.
  EXPECT_FALSE(leases.claim("cell"));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  std::optional<Lease> lease = leases.claim("cell");
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->epoch(), 2);
  lease->release();
  EXPECT_FALSE(fs::exists(folder.path() / "cell.1")) << "what the gone one left goes with it";
}

TEST(Leases, OfAnotherMachineEndWhenTheyAreNotRenewed) {
  const ScratchFolder folder;
  write_file_atomically(folder.path() / "cell.1", to_text(stranger(30)));
  LeaseFolder leases(folder.path(), seconds(60));
  EXPECT_FALSE(leases.claim("cell")) << "it was renewed just now";
  set_age(folder.path() / "cell.1", seconds(29));
  EXPECT_FALSE(leases.claim("cell"));
  EXPECT_FALSE(leases.claim("cell"));
  set_age(folder.path() / "cell.1", seconds(40));
  EXPECT_FALSE(leases.claim("cell")) << "seen for the first time like this";
  std::optional<Lease> lease = leases.claim("cell");
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->epoch(), 2);
}

// The holder's clock, or the server's, was an hour ahead when the lease was last renewed.
TEST(Leases, OfTheFutureEndWhenTheyAreWatchedForTheirLength) {
  const ScratchFolder folder;
  write_file_atomically(folder.path() / "cell.1", to_text(stranger(1)));
  set_age(folder.path() / "cell.1", seconds(-3600));
  LeaseFolder leases(folder.path(), seconds(60));
  EXPECT_FALSE(leases.claim("cell"));
  EXPECT_FALSE(leases.claim("cell"));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_TRUE(leases.claim("cell"));
}

TEST(Leases, WhoWasTakenOverKnowsIt) {
  const ScratchFolder folder;
  LeaseFolder slow(folder.path(), seconds(60));
  std::optional<Lease> lease = slow.claim("cell");
  ASSERT_TRUE(lease);
  write_file_atomically(folder.path() / "cell.2", to_text(stranger(60)));
  EXPECT_FALSE(lease->is_held());
  lease->release();
  EXPECT_TRUE(fs::exists(folder.path() / "cell.2")) << "that is the other's";
}

TEST(Leases, RenewingTouchesAllOfAProcess) {
  const ScratchFolder folder;
  LeaseFolder leases(folder.path(), seconds(60));
  ASSERT_TRUE(leases.claim("one"));
  ASSERT_TRUE(leases.claim("two"));
  set_age(leases.file(), seconds(1000));
  leases.renew();
  for (const char* name : {"one.1", "two.1"}) {
    EXPECT_LT(fs::file_time_type::clock::now() - fs::last_write_time(folder.path() / name),
              seconds(100));
  }
}

TEST(Leases, TellWhetherOthersHaveSomeOfAKind) {
  const ScratchFolder folder;
  LeaseFolder me(folder.path(), seconds(60));
  ASSERT_TRUE(me.claim("~run-1-mine"));
  EXPECT_FALSE(me.others_have("~run-1-")) << "that is its own";
  LeaseFolder beginner(folder.path(), seconds(60));
  EXPECT_TRUE(beginner.others_have("~run-1-"));
  EXPECT_FALSE(me.others_have("~run-1-")) << "who only begins has none";
  EXPECT_FALSE(beginner.others_have("~run-2-"));
}

// As the supervisor of a process asks that has ended.
TEST(Leases, TellWhetherAProcessHasTheLatestOnAName) {
  const ScratchFolder folder;
  LeaseFolder leases(folder.path(), seconds(60));
  ASSERT_TRUE(leases.claim("cell"));
  EXPECT_TRUE(has_lease(leases.file(), "cell"));
  EXPECT_FALSE(has_lease(leases.file(), "another"));
  write_file_atomically(folder.path() / "cell.2", to_text(stranger(60)));
  EXPECT_FALSE(has_lease(leases.file(), "cell"));
}

TEST(Leases, SweepingRemovesWhatTheGoneLeftAndNothingElse) {
  const ScratchFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    LeaseFolder leases(folder.path(), seconds(3600));
    ::_exit(leases.claim("cell") ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  write_file_atomically(folder.path() / "foreign.1", to_text(stranger(60)));
  LeaseFolder leases(folder.path(), seconds(60));
  ASSERT_TRUE(leases.claim("mine"));
  leases.sweep();
  EXPECT_FALSE(fs::exists(folder.path() / "cell.1"));
  EXPECT_TRUE(fs::exists(folder.path() / "foreign.1"));
  EXPECT_TRUE(fs::exists(folder.path() / "mine.1"));
  EXPECT_EQ(holders_in(folder.path()).size(), 2U);
}

TEST(Leases, ManyProcessesNeverHaveTheSameNameAtOnce) {
  const ScratchFolder folder;
  constexpr int kProcesses = 4;
  constexpr int kRounds = 200;
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      LeaseFolder leases(folder.path() / "leases", seconds(60));
      int wrong = 0;
      for (int had = 0; had < kRounds;) {
        std::optional<Lease> lease = leases.claim("cell");
        if (!lease) continue;
        // Nobody else is between these two lines.
        const int inside =
            ::open((folder.path() / "inside").c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
        if (inside < 0) ++wrong;
        ::close(inside);
        ::unlink((folder.path() / "inside").c_str());
        lease->release();
        ++had;
      }
      ::_exit(wrong == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

TEST(Leases, AFolderThatCannotBeWrittenIsAnError) {
  const ScratchFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_EQ(problems_of([&] { LeaseFolder leases(folder.path() / "file", seconds(60)); }).size(),
            1U);
}

TEST(Holders, AreReadBackAndHalfAFileIsNone) {
  const Holder me = this_process(60);
  const std::string text = to_text(me);
  const std::optional<Holder> read = holder_from(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_text(*read), text);
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(holder_from(text.substr(0, size))) << size;
  }
  EXPECT_FALSE(is_gone(me));
  EXPECT_FALSE(is_gone(stranger(60))) << "of another kernel nothing is seen from here";
  Holder later = me;
  later.started += 1;
  EXPECT_TRUE(is_gone(later)) << "the same id, another process";
}

}  // namespace
}  // namespace pressroom::lease_test
