// Whom a plugin home belongs to, where it is, and that what others could have put there is refused.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>

#include "store/plugin_home.h"
#include "store_test_support.h"

namespace pressroom::store_home_test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr uid_t kStranger = 65534;

// Environment variables that are what they were when it is destroyed.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::optional<std::string>>& values) {
    for (const auto& [name, value] : values) {
      const char* before = std::getenv(name.c_str());
      before_[name] = before == nullptr ? std::nullopt : std::optional<std::string>(before);
      set(name, value);
    }
  }
  ~Environment() {
    for (const auto& [name, value] : before_) set(name, value);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  static void set(const std::string& name, const std::optional<std::string>& value) {
    if (value) {
      ::setenv(name.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name.c_str());
    }
  }

  std::map<std::string, std::optional<std::string>> before_;
};

// Runs `body` in a process of its own and expects it to return true there.
void expect_in_child(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    bool right = false;
    try {
      right = body();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

bool is_refused(const std::function<void()>& call, const std::string& what) {
  try {
    call();
  } catch (const Error& error) {
    if (error.problems().front().what == what) return true;
    std::fprintf(stderr, "%s\n", error.what());
  }
  return false;
}

TEST(PluginHome, IsWhereTheFirstVariableSaysThatIsSet) {
  struct Case {
    std::optional<std::string> pressroom, xdg, home;
    std::string expected;
  };
  const fs::path here = fs::current_path();
  for (const Case& c : std::vector<Case>{{"/a/b/", "/x", "/h", "/a/b"},
                                         {"~/b", "/x", "/h", "/h/b"},
                                         {"b/./../c", "/x", "/h", (here / "c").string()},
                                         {"", "/x", "/h", "/x/pressroom"},
                                         {{}, "/x", "/h", "/x/pressroom"},
                                         {{}, "x", "/h", "/h/.local/share/pressroom"},
                                         {{}, "", "/h", "/h/.local/share/pressroom"},
                                         {{}, {}, "/h", "/h/.local/share/pressroom"}}) {
    const Environment environment(
        {{"PRESSROOM_HOME", c.pressroom}, {"XDG_DATA_HOME", c.xdg}, {"HOME", c.home}});
    EXPECT_EQ(user_plugin_home(), c.expected);
  }
  const Environment none({{"PRESSROOM_HOME", {}}, {"XDG_DATA_HOME", {}}, {"HOME", {}}});
  EXPECT_EQ(bundle_problem([] { user_plugin_home(); }).what,
            "there is no place for installed plugins");
  EXPECT_TRUE(shared_plugin_home().is_absolute());
  EXPECT_EQ(shared_plugin_home().filename(), "pressroom");
}

TEST(PluginHome, IsMadeForItsOwnerAloneToWriteToWhateverTheUmask) {
  for (const mode_t mask : {mode_t{0}, mode_t{077}}) {
    const ScratchFolder scratch;
    const fs::path home = scratch.path() / "data" / "pressroom";
    const mode_t before = ::umask(mask);
    install_into(home, numbered_bundle(1));
    ::umask(before);
    for (const auto& entry : fs::recursive_directory_iterator(scratch.path())) {
      if (entry.is_symlink()) continue;
      EXPECT_EQ(entry.status().permissions() & (fs::perms::others_write | fs::perms::group_write),
                fs::perms::none)
          << entry.path();
    }
    EXPECT_TRUE(check_home_folder(home, "store"));
    EXPECT_FALSE(check_home_folder(home, "nothing/there"));
  }
}

struct BadHome {
  const char* description;
  std::function<void(const fs::path& home)> spoil;
  const char* read_refusal;    // "": it may be read
  const char* change_refusal;  // "": it may be changed
};

std::vector<BadHome> bad_homes() {
  const char* anyone = "anyone may put plugins into the plugin home";
  const char* link_inside = "a folder of the plugin home is a link";
  const char* no_folder = "a folder of the plugin home is none";
  const auto make_link = [](const fs::path& at, const fs::path& elsewhere) {
    fs::rename(at, elsewhere);
    fs::create_symlink(elsewhere, at);
  };
  return {
      {"a link of this user", [=](const fs::path& h) { make_link(h, h.string() + "2"); }, "", ""},
      {"world-writable", [](const fs::path& h) { ::chmod(h.c_str(), 0777); }, anyone, anyone},
      {"world-writable, as /tmp", [](const fs::path& h) { ::chmod(h.c_str(), 01777); }, anyone,
       anyone},
      {"world-writable store", [](const fs::path& h) { ::chmod((h / "store").c_str(), 0777); },
       anyone, anyone},
      {"linked store", [=](const fs::path& h) { make_link(h / "store", h / "other"); }, link_inside,
       link_inside},
      {"a store that is a file",
       [](const fs::path& h) {
         fs::remove_all(h / "store");
         write_file(h / "store", "");
       },
       no_folder, no_folder},
      {"a home that is a file",
       [](const fs::path& h) {
         fs::remove_all(h);
         write_file(h, "");
       },
       no_folder, no_folder},
      {"a link to nothing",
       [](const fs::path& h) {
         fs::remove_all(h);
         fs::create_symlink("nowhere", h);
       },
       "the plugin home is a link to nothing", "the plugin home is a link to nothing"}};
}

TEST(PluginHome, IsRefusedWhereOthersCouldHaveFilledIt) {
  for (const BadHome& bad : bad_homes()) {
    SCOPED_TRACE(bad.description);
    const ScratchFolder scratch;
    const fs::path home = scratch.path() / "home";
    make_plugin_home(home);
    bad.spoil(home);
    const auto refusal = [](const std::function<void()>& call) -> std::string {
      try {
        call();
      } catch (const Error& error) {
        return error.problems().front().what;
      }
      return "";
    };
    EXPECT_EQ(refusal([&] { check_home_folder(home, "store"); }), bad.read_refusal);
    EXPECT_EQ(refusal([&] { make_plugin_home(home); }), bad.change_refusal);
    // A slash behind it does not show another thing.
    EXPECT_EQ(refusal([&] { check_home_folder(home.string() + "/", "store"); }), bad.read_refusal);
  }
}

TEST(PluginHome, OfAnotherUserIsReadWhereNotEverybodyCouldPutItThereAndNeverChanged) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files to others";
  const ScratchFolder scratch;
  fs::permissions(scratch.path(), fs::perms(0755));
  const fs::path home = scratch.path() / "home";
  const auto give_home_to = [&](uid_t owner) {
    ASSERT_EQ(::lchown(home.c_str(), owner, owner), 0);
    for (const auto& entry : fs::recursive_directory_iterator(home)) {
      ASSERT_EQ(::lchown(entry.path().c_str(), owner, owner), 0);
    }
  };
  install_into(home, numbered_bundle(1));
  const Words names = {"press_1"};
  // A reader of root's home, who may not write there and has no lock.
  expect_in_child([&] {
    return ::seteuid(kStranger) == 0 && names_of(read_profile(home, kStoreVariant)) == names &&
           BundleStore(home).verify(numbered_bundle(1).sha256).empty() &&
           is_refused([&] { ProfileLock lock(home); }, "the plugin home belongs to another user");
  });
  give_home_to(kStranger);
  EXPECT_EQ(names_of(read_profile(home, kStoreVariant)), names);
  EXPECT_EQ(bundle_problem([&] { ProfileLock lock(home); }).what,
            "the plugin home belongs to another user");
  EXPECT_EQ(bundle_problem([&] { install_into(home, numbered_bundle(2)); }).what,
            "the plugin home belongs to another user");
  // Everybody may put things beside it: as in /tmp.
  fs::permissions(scratch.path(), fs::perms(01777));
  EXPECT_EQ(bundle_problem([&] { read_profile(home, kStoreVariant); }).what,
            "somebody else may have put the plugin home there");
  // Its owner can use it there all the same.
  expect_in_child([&] {
    return ::seteuid(kStranger) == 0 && names_of(read_profile(home, kStoreVariant)) == names;
  });
}

TEST(PluginHome, IsRefusedWhereALinkOrAFolderInItIsAStrangers) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files to others";
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  install_into(home, numbered_bundle(1));
  fs::create_symlink(home, scratch.path() / "link");
  ASSERT_EQ(::lchown((scratch.path() / "link").c_str(), kStranger, kStranger), 0);
  EXPECT_EQ(bundle_problem([&] { read_profile(scratch.path() / "link", kStoreVariant); }).what,
            "the plugin home is a link that somebody else made");
  for (const char* inside : {"profiles", "store"}) {
    ASSERT_EQ(::chown((home / inside).c_str(), kStranger, kStranger), 0);
    EXPECT_EQ(bundle_problem([&] {
                read_profile(home, kStoreVariant);
                BundleStore(home).has(numbered_bundle(1).sha256);
              }).what,
              "a folder of the plugin home belongs to somebody else");
    ASSERT_EQ(::chown((home / inside).c_str(), 0, 0), 0);
  }
}

TEST(PluginHome, IsReadFromADiskThatCanOnlyBeRead) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root mounts";
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  install_into(home, numbered_bundle(1));
  expect_in_child([&] {
    // In a view of the file system of its own, which ends with the process.
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, "") != 0 ||
        ::mount(home.c_str(), home.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(home.c_str(), home.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, "") != 0) {
      return true;  // not allowed here
    }
    const std::string sha256 = numbered_bundle(1).sha256;
    return names_of(read_profile(home, kStoreVariant)) == Words{"press_1"} &&
           profile_generations(home, kStoreVariant).size() == 1 &&
           bundles_in_use(home) == Words{sha256} && BundleStore(home).verify(sha256).empty() &&
           BundleStore(home).manifest_of(sha256).name == "press_1" &&
           is_refused([&] { ProfileLock lock(home); }, "the plugin home cannot be written");
  });
}

// A disk that has no room, by size of a file: 0 bytes, in the middle of one, nearly enough.
TEST(PluginHome, StaysAsItWasWhereTheDiskIsFull) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  install_into(home, numbered_bundle(1));
  StoredBundle large = numbered_bundle(2);
  large.members["src/large.bin"] = {std::string(100'000, 'x'), false};
  large.members.erase(kManifestPath);
  large.members = with_manifest(large.members, large.manifest);
  for (const rlim_t room : {rlim_t{0}, rlim_t{5}, rlim_t{300}, rlim_t{99'999}}) {
    expect_in_child([&] {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit = {room, room};
      return ::setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
             is_refused([&] { install_into(home, large); }, "the plugin home cannot be written");
    });
    EXPECT_EQ(names_of(read_profile(home, kStoreVariant)), Words{"press_1"});
    EXPECT_FALSE(BundleStore(home).has(large.sha256));
    EXPECT_EQ(listing(home / "incoming"), Words{});
  }
  // The bundle fits, the profile does not.
  BundleStore(home).add(large.members, large.manifest, large.sha256);
  expect_in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {100, 100};
    return ::setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
           is_refused([&] { install_into(home, large); }, "the plugin home cannot be written");
  });
  EXPECT_EQ(names_of(read_profile(home, kStoreVariant)), Words{"press_1"});
  EXPECT_EQ(profile_generations(home, kStoreVariant).size(), 1U);
  install_into(home, large);
  EXPECT_EQ(names_of(read_profile(home, kStoreVariant)), (Words{"press_1", "press_2"}));
}

TEST(ProfileLock, IsHeldByOneProcessAndSaysByWhichOne) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  const ProfileLock lock(home);
  EXPECT_TRUE(lock.is_of(home.string() + "/"));
  EXPECT_FALSE(lock.is_of(scratch.path()));
  const Problem problem =
      bundle_problem([&] { ProfileLock second(home, std::chrono::milliseconds(0)); });
  EXPECT_EQ(problem.what, "another process is changing what is installed");
  EXPECT_EQ(problem.where, (home / ".lock").string());
  EXPECT_NE(problem.got.find("process " + std::to_string(::getpid()) + " on "), std::string::npos);
  // Who has the bits of others cannot hold it for ever.
  EXPECT_EQ(fs::status(home / ".lock").permissions(), fs::perms(0600));
}

TEST(ProfileLock, IsNotALinkThatLeadsElsewhere) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  make_plugin_home(home);
  write_file(scratch.path() / "precious", "text");
  fs::create_symlink(scratch.path() / "precious", home / ".lock");
  EXPECT_EQ(bundle_problem([&] { ProfileLock lock(home); }).got, "a link");
  EXPECT_EQ(read_file(scratch.path() / "precious"), "text");
}

}  // namespace
}  // namespace pressroom::store_home_test
