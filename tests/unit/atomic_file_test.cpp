#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/whole_file.h"
#include "campaign_test_support.h"
#include "plugin_test_support.h"

namespace pressroom::atomic_file_test {
namespace {

namespace fs = std::filesystem;

// No file may grow beyond `bytes` as long as this lives: a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_ = {};
};

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    names.push_back(entry.path().lexically_relative(folder).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

TEST(AtomicFile, WritesMakesFoldersAndReplaces) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "a/b/file.json";
  const std::string bytes("\0two\nlines\xff", 11);
  write_file_atomically(file, bytes);
  EXPECT_EQ(read_file(file), bytes);
  write_file_atomically(file, "");
  EXPECT_EQ(read_file(file), "");
  EXPECT_EQ(files_in(folder.path()), (Names{"a", "a/b", "a/b/file.json"}));
}

TEST(AtomicFile, APipeInThePlaceOfALogIsRefusedAndNotWaitedFor) {
  const ScratchFolder folder;
  const fs::path log = folder.path() / "events.jsonl";
  ASSERT_EQ(::mkfifo(log.c_str(), 0600), 0);
  try {
    append_to_file(log, "{}\n");
    FAIL() << "it was written to";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().front().where, log.string());
    EXPECT_EQ(error.problems().front().fix, "remove it");
  }
}

TEST(AtomicFile, ReplacesWhatAKilledRunLeft) {
  const ScratchFolder folder;
  write_file(folder.path() / "file.partial", std::string(100, 'x'));
  write_file_atomically(folder.path() / "file", "new");
  EXPECT_EQ(read_file(folder.path() / "file"), "new");
  EXPECT_EQ(files_in(folder.path()), Names{"file"});
}

// Who may write into the folder could else have a run overwrite any file of its user.
TEST(AtomicFile, ALinkLaidBesideItIsNotFollowed) {
  const ScratchFolder folder;
  const fs::path victim = folder.path() / "victim";
  write_file(victim, "precious");
  fs::create_symlink(victim, folder.path() / "soft.partial");
  fs::create_hard_link(victim, folder.path() / "hard.partial");
  fs::create_symlink(folder.path() / "nothing", folder.path() / "nowhere.partial");
  for (const char* name : {"soft", "hard", "nowhere"}) {
    write_file_atomically(folder.path() / name, "new");
    EXPECT_EQ(read_file(folder.path() / name), "new");
    EXPECT_FALSE(fs::is_symlink(folder.path() / name));
  }
  EXPECT_EQ(read_file(victim), "precious");
  EXPECT_EQ(files_in(folder.path()), (Names{"hard", "nowhere", "soft", "victim"}));
}

TEST(AtomicFile, AFullDiskLeavesTheOldFileAndNothingElse) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "file";
  write_file(file, "old");
  std::vector<Problem> problems;
  {
    const FullDisk full(4096);
    problems = problems_of([&] { write_file_atomically(file, std::string(10000, 'x')); });
  }
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, file.string());
  EXPECT_EQ(problems[0].got, "File too large");
  EXPECT_EQ(read_file(file), "old");
  EXPECT_EQ(files_in(folder.path()), Names{"file"});
}

TEST(AtomicFile, APlaceThatCannotBeWrittenIsAnErrorThatNamesTheFile) {
  const ScratchFolder folder;
  write_file(folder.path() / "file", "old");
  fs::create_directories(folder.path() / "folder/inside");
  const struct {
    fs::path file;
    std::string reason;
  } cases[] = {{folder.path() / "file/below", "Not a directory"},
               {folder.path() / "folder", "Is a directory"},
               {"/proc/pressroom/file", "No such file or directory"}};
  for (const auto& c : cases) {
    const std::vector<Problem> problems =
        problems_of([&] { write_file_atomically(c.file, "new"); });
    ASSERT_EQ(problems.size(), 1U) << c.file;
    EXPECT_EQ(problems[0].where, c.file.string());
    EXPECT_EQ(problems[0].got, c.reason) << c.file;
  }
  EXPECT_EQ(files_in(folder.path()), (Names{"file", "folder", "folder/inside"}));
  EXPECT_EQ(read_file(folder.path() / "file"), "old");
}

// Several workers may write the same file, of the same content, at the same time.
TEST(AtomicFile, ProcessesThatWriteOneFileAtOnceLeaveItWholeAtAnyTime) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "file";
  constexpr int kWriters = 4;
  constexpr int kTimes = 50;
  constexpr std::size_t kBytes = 200000;
  std::vector<pid_t> writers;
  for (int i = 0; i < kWriters; ++i) {
    const pid_t writer = ::fork();
    if (writer == 0) {
      const std::string bytes(kBytes, static_cast<char>('a' + i));
      try {
        for (int n = 0; n < kTimes; ++n) write_file_atomically(file, bytes, Sync::kLater);
      } catch (const Error&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    writers.push_back(writer);
  }
  int torn = 0;
  for (int n = 0; n < 300; ++n) {
    std::string why;
    const std::optional<std::string> text = read_regular_file(file, why);
    if (!text) continue;  // the first has not come yet
    torn += text->size() != kBytes || text->find_first_not_of(text->front()) != std::string::npos;
  }
  for (const pid_t writer : writers) {
    int status = 0;
    ::waitpid(writer, &status, 0);
    EXPECT_EQ(status, 0) << "a writer failed";
  }
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(files_in(folder.path()), Names{"file"});
}

TEST(AtomicFile, FilesAreBroughtToTheDiskTogetherAndThoseThatAreGonePassedOver) {
  const ScratchFolder folder;
  const std::vector<fs::path> files = {folder.path() / "a/one", folder.path() / "b/two",
                                       folder.path() / "gone", folder.path() / "a/one/below"};
  write_file_atomically(files[0], "1", Sync::kLater);
  write_file_atomically(files[1], "2", Sync::kLater);
  EXPECT_NO_THROW(sync_files(files));
  EXPECT_EQ(read_file(files[1]), "2");
}

TEST(AtomicFile, ALogGrowsLineByLine) {
  const ScratchFolder folder;
  append_to_file(folder.path() / "log", "one\n");
  append_to_file(folder.path() / "log", "two\n");
  EXPECT_EQ(read_file(folder.path() / "log"), "one\ntwo\n");
}

TEST(AtomicFile, AFullDiskLeavesALogAsItWas) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "log";
  append_to_file(file, "one\n");
  std::vector<Problem> problems;
  {
    const FullDisk full(4096);
    problems = problems_of([&] { append_to_file(file, std::string(10000, 'x')); });
  }
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, file.string());
  EXPECT_EQ(read_file(file), "one\n");
}

}  // namespace
}  // namespace pressroom::atomic_file_test
