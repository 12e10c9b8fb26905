// What is told of a program that ends in any way, and that nothing of it is left.
#include "base/limited_command.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

#include "pressroom/error.h"
#include "scratch_folder.h"

namespace pressroom::limited_command_test {
namespace {

using End = LimitedCommand::End;
using std::chrono::seconds;

LimitedCommand shell(const std::string& script, const CommandLimits& limits = {}) {
  return run_limited({"/bin/sh", "-c", script}, limits);
}

// Whether a process is there that is no zombie.
bool runs(const std::string& process) {
  const std::string status = read_file("/proc/" + process + "/stat");
  const std::size_t state = status.rfind(')');
  return state != std::string::npos && status[state + 2] != 'Z';
}

// It was killed before run_limited returned; the kernel may take a moment to end it.
bool ends(const std::string& process) {
  for (int i = 0; i < 1000 && runs(process); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return !runs(process);
}

TEST(LimitedCommand, GivesTheProgramItsInput) {
  CommandLimits limits;
  EXPECT_EQ(shell("cat", limits).output, "");
  limits.input = std::string("one\0two\n", 8);
  EXPECT_EQ(shell("cat", limits).output, limits.input);
  limits.input.assign(3000000, 'x');
  EXPECT_EQ(shell("wc -c", limits).output, "3000000\n");
  EXPECT_TRUE(shell("exit 0", limits).went_well()) << "it need not read it";
}

struct Ending {
  const char* script;
  End end;
  int code;
  const char* how;
};

TEST(LimitedCommand, TellsHowTheProgramEnded) {
  constexpr Ending kEndings[] = {
      {"exit 0", End::kExited, 0, "exit code 0"},
      {"exit 3", End::kExited, 3, "exit code 3"},
      {"exit 127", End::kExited, 127, "exit code 127"},
      {"kill -SEGV $$", End::kSignalled, SIGSEGV, "Segmentation fault (SIGSEGV)"},
      {"kill -KILL $$", End::kSignalled, SIGKILL, "Killed (SIGKILL)"},
      {"kill -TERM $$", End::kSignalled, SIGTERM, "Terminated (SIGTERM)"},
      {"echo out; echo no memory >&2; exit 1", End::kExited, 1, "exit code 1; it said: no memory"},
      {"printf 'one\\ntwo\\n\\n' >&2; exit 1", End::kExited, 1, "exit code 1; it said: one two"},
      // What it says may not steer a terminal.
      {"printf 'a\\033[2Jb' >&2; exit 1", End::kExited, 1, "exit code 1; it said: a\\x1b[2Jb"},
  };
  for (const Ending& ending : kEndings) {
    const LimitedCommand command = shell(ending.script);
    EXPECT_EQ(command.end, ending.end) << ending.script;
    EXPECT_EQ(command.code, ending.code) << ending.script;
    EXPECT_EQ(command.went_well(), std::string(ending.script) == "exit 0") << ending.script;
    EXPECT_EQ(command.how_it_ended({}), ending.how) << ending.script;
  }
}

TEST(LimitedCommand, ShowsTheEndOfALongComplaint) {
  const LimitedCommand command =
      shell("i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done >&2; exit 1");
  const std::string how = command.how_it_ended({});
  EXPECT_LT(how.size(), 700U);
  EXPECT_NE(how.find("line 998 line 999"), std::string::npos) << how;
  EXPECT_EQ(how.find("line 1 "), std::string::npos) << how;
}

TEST(LimitedCommand, KeepsOutputAndComplaintsApart) {
  const LimitedCommand command = shell("printf 'a\\0b\\n'; printf 'c\\n' >&2; echo d");
  EXPECT_EQ(command.output, std::string("a\0b\nd\n", 6));
  EXPECT_EQ(command.errors, "c\n");
}

TEST(LimitedCommand, TakesMoreThanAPipeHolds) {
  // Nobody reads meanwhile: a pipe would be full at 64 KiB, and the program stand still.
  const LimitedCommand command =
      shell("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; echo end");
  EXPECT_TRUE(command.went_well());
  EXPECT_EQ(command.output.size(), 3000004U);
  EXPECT_EQ(command.output.substr(3000000), "end\n");
  EXPECT_EQ(command.errors.size(), 2000000U);
}

TEST(LimitedCommand, KeepsNoMoreThanItIsAllowedTo) {
  CommandLimits limits;
  limits.output_bytes = 10;
  const LimitedCommand command = shell("echo 0123456789abcdef; echo 0123456789abcdef >&2", limits);
  EXPECT_TRUE(command.went_well());
  EXPECT_EQ(command.output.substr(0, 10), "0123456789");
  EXPECT_LE(command.output.size(), 10U);
  EXPECT_LE(command.errors.size(), 10U);
}

TEST(LimitedCommand, EndsWhatTakesTooLong) {
  CommandLimits limits;
  limits.seconds = seconds(1);
  const LimitedCommand command = shell("echo begun; trap '' TERM INT; sleep 1000", limits);
  EXPECT_EQ(command.end, End::kTookTooLong);
  EXPECT_FALSE(command.went_well());
  EXPECT_EQ(command.output, "begun\n");
  EXPECT_EQ(command.how_it_ended(limits), "nothing within 1 s");
}

TEST(LimitedCommand, EndsWhatIsToStop) {
  int asked = 0;
  CommandLimits limits;
  limits.stop_requested = [&] { return ++asked == 3; };
  const LimitedCommand command = shell("sleep 1000", limits);
  EXPECT_EQ(command.end, End::kStopped);
  EXPECT_FALSE(command.went_well());
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(command.how_it_ended(limits), "it was stopped");
}

TEST(LimitedCommand, KillsWhatTheProgramHasStarted) {
  const char* const scripts[] = {
      "sleep 1000 & echo $!",                              // left behind
      "sleep 1000 & echo $!; exit 1",                      // by one that fails
      "sleep 1000 & echo $!; kill -KILL $$",               // by one that is killed
      "sh -c 'trap \"\" HUP TERM; sleep 1000' & echo $!",  // deaf to what asks it to end
      "(sleep 1000 & echo $!)",                            // by what it started itself
      "sleep 1000 & echo $!; wait",                        // waited for, for too long
  };
  CommandLimits limits;
  limits.seconds = seconds(2);
  for (const char* const script : scripts) {
    const LimitedCommand command = shell(script, limits);
    const std::string process = command.output.substr(0, command.output.find('\n'));
    ASSERT_FALSE(process.empty()) << script;
    EXPECT_TRUE(ends(process)) << script;
  }
}

TEST(LimitedCommand, RunsInAGroupOfItsOwn) {
  const LimitedCommand command = shell("echo $$; cut -d' ' -f5 /proc/$$/stat");
  const std::size_t line = command.output.find('\n');
  EXPECT_EQ(command.output.substr(0, line + 1), command.output.substr(line + 1));
}

TEST(LimitedCommand, LetsItTakeNoMoreMemoryThanIsAllowed) {
  CommandLimits limits;
  limits.data_bytes = std::uint64_t{64} << 20;
  // tail keeps the last line, which has no end.
  const char* const script = "head -c 200000000 /dev/zero | tail -n 1 > /dev/null";
  const LimitedCommand command = shell(std::string(script) + "; exit $?", limits);
  EXPECT_EQ(command.end, End::kExited);
  EXPECT_NE(command.code, 0);
  limits.data_bytes = std::uint64_t{1} << 30;
  EXPECT_TRUE(shell(script, limits).went_well());
}

TEST(LimitedCommand, LetsItWriteNoLongerFileThanIsAllowed) {
  const ScratchFolder scratch;
  const std::string file = (scratch.path() / "long").string();
  CommandLimits limits;
  limits.file_bytes = 1 << 20;
  const LimitedCommand command =
      run_limited({"/bin/dd", "if=/dev/zero", "of=" + file, "bs=1000000", "count=5"}, limits);
  EXPECT_EQ(command.end, End::kSignalled);
  EXPECT_EQ(command.code, SIGXFSZ);
  EXPECT_LE(std::filesystem::file_size(file), std::uintmax_t{1} << 20);
}

TEST(LimitedCommand, LeavesTheLimitsOfThisProcessAsTheyAre) {
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_DATA, &before), 0);
  CommandLimits limits;
  limits.data_bytes = std::uint64_t{256} << 20;
  EXPECT_EQ(shell("ulimit -d; ulimit -c; ulimit -f", limits).output,
            "262144\n0\n" + std::to_string(limits.file_bytes / 512) + "\n");
  rlimit after = {};
  ASSERT_EQ(::getrlimit(RLIMIT_DATA, &after), 0);
  EXPECT_EQ(before.rlim_cur, after.rlim_cur);
}

TEST(LimitedCommand, BeginsInTheFolderThatIsGiven) {
  const ScratchFolder scratch;
  CommandLimits limits;
  limits.working_folder = scratch.path();
  EXPECT_EQ(shell("pwd -P", limits).output,
            std::filesystem::canonical(scratch.path()).string() + "\n");
  EXPECT_EQ(shell("pwd -P").output, std::filesystem::current_path().string() + "\n");
}

TEST(LimitedCommand, GivesItNothingToRead) { EXPECT_EQ(shell("cat; echo end").output, "end\n"); }

// A signal that this process ignores or blocks would be ignored or blocked by the program as well.
TEST(LimitedCommand, LetsSignalsReachIt) {
  sigset_t term;
  sigset_t before;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &term, &before), 0);
  const auto old = ::signal(SIGINT, SIG_IGN);
  EXPECT_EQ(shell("kill -TERM $$; exit 5").end, End::kSignalled);
  EXPECT_EQ(shell("kill -INT $$; exit 5").end, End::kSignalled);
  ::signal(SIGINT, old);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(LimitedCommand, SaysThatAProgramCannotBeStarted) {
  const ScratchFolder scratch;
  const std::string file = (scratch.path() / "text").string();
  write_file(file, "#!/nowhere/interpreter\n");
  for (const std::string& program :
       {std::string("/nowhere/program"), std::string("sh"), file, scratch.path().string()}) {
    try {
      run_limited({program}, {});
      ADD_FAILURE() << program << " was started";
    } catch (const Error& error) {
      EXPECT_EQ(error.problems().front().where, program);
      EXPECT_EQ(error.problems().front().what, "a program cannot be started");
    }
  }
}

}  // namespace
}  // namespace pressroom::limited_command_test
