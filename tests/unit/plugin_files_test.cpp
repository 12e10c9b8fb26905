// What the host makes of files that are none, that are swapped while they are loaded, that are
// there twice, or that anyone may write to; and what files say of their plugins.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "base/sha256.h"
#include "plugin/plugin_file.h"
#include "plugin/plugin_folders.h"
#include "plugin_test_support.h"

namespace pressroom::plugin_files_test {
namespace {

namespace fs = std::filesystem;

void make_socket(const fs::path& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.string().size(), sizeof(address.sun_path));
  path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ::close(listener);
}

// A FIFO that nobody writes to would be waited for, for ever.
TEST(PluginFiles, NamesWhatIsNoFileAndGoesOn) {
  const ScratchFolder scratch;
  const fs::path folder = scratch.path();
  ASSERT_EQ(::mkfifo((folder / "fifo.so").c_str(), 0600), 0);
  make_socket(folder / "socket.so");
  fs::create_directory(folder / "folder.so");
  fs::create_symlink("/dev/zero", folder / "device.so");
  fs::create_symlink(folder / "nothing", folder / "nowhere.so");
  fs::copy(zoo() / "good_method.so", folder / "good.so");

  const PluginHost host({folder});
  EXPECT_EQ(host.names(PluginKind::kMethod), std::vector<std::string>{"good_method"});
  const struct {
    const char* file;
    const char* what;
    const char* got;
  } expected[] = {{"device.so", "the file is no regular file", "a device"},
                  {"fifo.so", "the file is no regular file", "a FIFO"},
                  {"folder.so", "the file is no regular file", "a folder"},
                  {"nowhere.so", "the file cannot be read", "No such file or directory"},
                  {"socket.so", "the file is no regular file", "a socket"}};
  ASSERT_EQ(host.refused().size(), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(host.refused()[i].where, (folder / expected[i].file).string());
    EXPECT_EQ(host.refused()[i].what, expected[i].what) << expected[i].file;
    EXPECT_EQ(host.refused()[i].got, expected[i].got) << expected[i].file;
  }
}

TEST(PluginFiles, NamesAFileThatMayNotBeRead) {
  constexpr uid_t kNobody = 65534;
  const ScratchFolder scratch;
  fs::copy(zoo() / "good_method.so", scratch.path() / "closed.so");
  fs::permissions(scratch.path() / "closed.so", fs::perms::none);
  fs::permissions(scratch.path(), fs::perms::all);
  const uid_t user = ::geteuid();  // root may read everything, and is somebody else for a moment
  if (user == 0 && ::seteuid(kNobody) != 0) GTEST_SKIP() << "nobody else to be: permissions";
  const PluginHost host({scratch.path()});
  ASSERT_EQ(::seteuid(user), 0);
  ASSERT_EQ(host.refused().size(), 1U);
  EXPECT_EQ(host.refused()[0].got, "Permission denied");
}

TEST(PluginFiles, AreOnePluginWhereTheyAreEqual) {
  const ScratchFolder scratch;
  write_file(scratch.path() / "built/x.so", read_file(zoo() / "good_method.so"));
  write_file(scratch.path() / "installed/y.so", read_file(zoo() / "good_method.so"));
  PluginHost host({scratch.path() / "built", scratch.path() / "installed"});
  EXPECT_TRUE(host.refused().empty());
  EXPECT_EQ(host.find(PluginKind::kMethod, "good_method").file, scratch.path() / "built/x.so");
  EXPECT_NE(host.make_method("good_method"), nullptr);

  write_file(scratch.path() / "installed/y.so", read_file(zoo() / "good_method.so") + '\0');
  const PluginHost unequal({scratch.path() / "built", scratch.path() / "installed"});
  ASSERT_EQ(unequal.refused().size(), 1U);
  EXPECT_EQ(unequal.refused()[0].what, "method \"good_method\" is offered by more than one file");
}

// Two files that say different things of themselves change places all the time. Whichever is
// loaded, its hash is the one that goes into the results; or loading is refused.
TEST(PluginFiles, RunUnderTheirOwnHashThoughTheyAreSwapped) {
  const std::string first = read_file(zoo() / "good_method.so");
  const std::string summary = "a method without flaw";
  std::string second = first;
  const std::size_t at = second.find(summary);
  ASSERT_NE(at, std::string::npos);
  second.replace(at, summary.size(), "another plugin's text");
  ASSERT_EQ(summary.size(), std::string("another plugin's text").size());

  int loaded = 0;
  for (int round = 0; round < 200; ++round) {
    const ScratchFolder scratch;
    const fs::path file = scratch.path() / "plugin.so";
    const fs::path other = scratch.path() / "other";
    write_file(file, first);
    write_file(other, second);
    std::atomic<bool> stop = false;
    // Ever slower, from 0.1 to 51 ms: however long loading takes, some rounds swap in its midst and
    // some let it be.
    const std::chrono::microseconds pause(100 << round / 20);
    std::thread swapper([&] {
      while (!stop) {
        ::renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
        std::this_thread::sleep_for(pause);
      }
    });
    try {
      PluginHost host({scratch.path()});
      const std::string said = host.describe(PluginKind::kMethod, "good_method").summary;
      EXPECT_EQ(host.sha256(PluginKind::kMethod, "good_method"),
                sha256_hex(said == summary ? first : second))
          << "round " << round;
      ++loaded;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("changed while"), std::string::npos) << error.what();
    }
    stop = true;
    swapper.join();
  }
  EXPECT_GT(loaded, 0) << "every load was refused: nothing was shown";
}

TEST(PluginFiles, NoticesThatAFileIsNotTheOneThatWasOpened) {
  const ScratchFolder scratch;
  const fs::path path = scratch.path() / "x.so";
  write_file(path, "first");
  const PluginFile file(path);
  EXPECT_TRUE(file.unchanged());
  EXPECT_EQ(file.sha256(), sha256_hex("first"));
  fs::copy(path, scratch.path() / "copy");
  fs::rename(scratch.path() / "copy", path);  // the same content, and another file
  EXPECT_FALSE(file.unchanged());
  fs::remove(path);
  EXPECT_FALSE(file.unchanged());
}

TEST(PluginFiles, AreNamedWhereAnyoneMayWriteToThem) {
  const ScratchFolder scratch;
  const fs::path folder = scratch.path();
  write_file(folder / "a.so", "");
  write_file(folder / "b.so", "");
  write_file(folder / "notes.txt", "");
  fs::create_symlink(folder / "a.so", folder / "link.so");
  fs::permissions(folder, fs::perms::owner_all);
  fs::permissions(folder / "a.so", fs::perms::owner_all);
  fs::permissions(folder / "b.so", fs::perms::all);
  fs::permissions(folder / "notes.txt", fs::perms::all);
  std::vector<Problem> problems = writable_by_anyone({folder, folder / "missing"});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].what, "anyone may change the plugin");
  EXPECT_EQ(problems[0].where, (folder / "b.so").string());

  fs::remove(folder / "b.so");
  fs::permissions(folder, fs::perms::all | fs::perms::sticky_bit);
  problems = writable_by_anyone({folder});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].what, "anyone may put code into the plugin folder");
}

// What `pressroom list` shows without running them is what they say when they are run.
TEST(PluginFiles, HoldWhatTheirPluginsSayOfThemselves) {
  PluginHost host({plugin_dir()});
  EXPECT_TRUE(host.refused().empty());
  ASSERT_GT(host.plugins().size(), 40U);
  for (const PluginRecord& record : host.plugins()) {
    SCOPED_TRACE(record.file);
    ASSERT_EQ(record.description.count("summary"), 1U);
    EXPECT_EQ(record.description.at("summary"), host.describe(record.kind, record.name).summary);
    EXPECT_EQ(record.description.at("paper"), host.describe(record.kind, record.name).paper);
    EXPECT_EQ(record.description.count("kind"), record.kind == PluginKind::kMethod ? 1U : 0U);
  }
}

TEST(PluginFiles, MayNotSteerATerminalByWhatTheyDeclare) {
  const ScratchFolder scratch;
  std::string bytes = read_file(zoo() / "good_method.so");
  const std::string sdk = "\nsdk=" PRESSROOM_SDK_VERSION "\n";
  const std::size_t at = bytes.find(sdk);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 5] = '\x1b';
  write_file(scratch.path() / "x.so", bytes);
  const PluginHost host({scratch.path()});
  ASSERT_EQ(host.refused().size(), 1U);
  EXPECT_EQ(host.refused()[0].text().find('\x1b'), std::string::npos) << host.refused()[0].text();
}

}  // namespace
}  // namespace pressroom::plugin_files_test
