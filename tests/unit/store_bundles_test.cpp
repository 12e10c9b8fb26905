// The store of a plugin home: bundles whole or not at all, and every change of one found.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>

#include "store/plugin_home.h"
#include "store_test_support.h"

namespace pressroom::store_bundles_test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class StoreOfOne : public ::testing::Test {
 protected:
  StoreOfOne() : bundle_(numbered_bundle(1)), store_(home_()) {
    folder_ = store_.add(bundle_.members, bundle_.manifest, bundle_.sha256);
  }

  fs::path home_() const { return scratch_.path() / "home"; }
  std::vector<Problem> verify() const { return store_.verify(bundle_.sha256); }

  // Lets the owner write to the file for a moment.
  void overwrite(const fs::path& file, const std::string& bytes) const {
    const fs::perms before = fs::status(file).permissions();
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    write_file(file, bytes);
    fs::permissions(file, before);
  }

  ScratchFolder scratch_ = ScratchFolder(quick_folder());
  StoredBundle bundle_;
  BundleStore store_;
  fs::path folder_;
};

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
  }
  return files;
}

TEST_F(StoreOfOne, HasEveryFileOfABundleReadOnlyUnderItsHash) {
  EXPECT_EQ(folder_, home_() / "store" / bundle_.sha256);
  EXPECT_TRUE(store_.has(bundle_.sha256));
  EXPECT_FALSE(store_.has(numbered_bundle(2).sha256));
  for (const auto& [path, member] : bundle_.members) {
    EXPECT_EQ(read_file(folder_ / path), member.bytes) << path;
    EXPECT_EQ(fs::status(folder_ / path).permissions(), fs::perms(member.executable ? 0555 : 0444));
  }
  // And one that sha256sum reads.
  EXPECT_EQ(files_below(folder_).size(), bundle_.members.size() + 1);
  EXPECT_EQ(read_file(folder_ / "manifest.sha256"),
            sha256_hex(bundle_.members.at(kManifestPath).bytes) + "  manifest.json\n" +
                sha256_hex(bundle_.members.at(kSignaturePath).bytes) + "  manifest.json.minisig\n");
  EXPECT_TRUE(verify().empty());
  EXPECT_EQ(store_.manifest_of(bundle_.sha256).name, bundle_.manifest.name);
  EXPECT_EQ(listing(home_() / "incoming"), Words{bundle_.sha256 + ".hold"});
}

TEST_F(StoreOfOne, FindsEveryByteThatIsChangedInTurnAndEveryMissingEnd) {
  for (const fs::path& file : files_below(folder_)) {
    const std::string bytes = read_file(file);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      overwrite(file, changed);
      ASSERT_FALSE(verify().empty()) << file << ", byte " << i;
    }
    if (!bytes.empty()) {
      overwrite(file, bytes.substr(0, bytes.size() - 1));
      ASSERT_FALSE(verify().empty()) << file << ", one byte less";
    }
    overwrite(file, bytes + "\n");
    ASSERT_FALSE(verify().empty()) << file << ", one byte more";
    overwrite(file, bytes);
    ASSERT_TRUE(verify().empty()) << file;
  }
}

struct Spoiled {
  const char* path;
  std::function<void(const fs::path& file)> spoil;
  const char* what;
  const char* got;
};

std::vector<Spoiled> spoiled_files() {
  const auto remove = [](const fs::path& file) { fs::remove_all(file); };
  const auto write = [](const fs::path& file) { write_file(file, "x"); };
  const auto folder = [](const fs::path& file) {
    fs::remove(file);
    fs::create_directory(file);
  };
  // To the very same bytes.
  const auto link = [](const fs::path& file) {
    fs::rename(file, file.string() + "-other");
    fs::rename(file.string() + "-other", file.parent_path().parent_path() / "elsewhere");
    fs::create_symlink(file.parent_path().parent_path() / "elsewhere", file);
  };
  const auto pipe = [](const fs::path& file) {
    fs::remove(file);
    ::mkfifo(file.c_str(), 0600);
  };
  const auto link_to_home = [](const fs::path& file) { fs::create_symlink("/", file); };
  const auto mode = [](mode_t bits) {
    return [bits](const fs::path& file) { ::chmod(file.c_str(), bits); };
  };
  const char* no_part = "something is no part of the bundle";
  const char* no_file = "a file of the bundle is none";
  const char* not_built = "something is no plugin that was built from the bundle";
  return {{"README.md", remove, "a file of the bundle is missing", "nothing"},
          {"src/tools", remove, "a file of the bundle is missing", "nothing"},
          {"manifest.json", remove, "the bundle's manifest cannot be read", "no such file"},
          {"manifest.json", pipe, "the bundle's manifest cannot be read", "a pipe"},
          {"manifest.json", link, "the bundle's manifest cannot be read", "a link"},
          {"manifest.json.minisig", remove, "a file of the bundle is missing", "nothing"},
          {"manifest.sha256", remove, "the hash of the bundle's manifest cannot be read",
           "no such file"},
          {"README.md", link, no_file, "a link"},
          {"README.md", pipe, no_file, "a pipe"},
          {"README.md", folder, no_file, "a folder"},
          {"README.md", mode(0555), "a file of the bundle has another mode", "the other"},
          {"src/tools/check.sh", mode(0444), "a file of the bundle has another mode", "the other"},
          {"README.md", mode(0446), "anyone may change a part of the bundle",
           "a mode that lets everyone on this machine write"},
          {"src/tools", mode(0757), "anyone may change a part of the bundle",
           "a mode that lets everyone on this machine write"},
          {"src", link, no_part, "a link"},
          {"extra", write, no_part, "a regular file"},
          {"src/.extra", write, no_part, "a regular file"},
          {"src/tools/b", link_to_home, no_part, "a link"},
          {"src/new", [](const fs::path& f) { fs::create_directory(f); }, no_part, "a folder"},
          {"built", write, not_built, "a regular file"},
          {"built", link_to_home, not_built, "a link"},
          {"built/v", write, not_built, "a regular file"},
          {"built/v/h2o.so", link_to_home, not_built, "a link"},
          {"built/v/h2o.so/x", write, not_built, "a folder"}};
}

TEST_F(StoreOfOne, FindsWhatIsMissingTooManyOrSomethingElse) {
  for (const Spoiled& spoiled : spoiled_files()) {
    SCOPED_TRACE(std::string(spoiled.path) + ": " + spoiled.what);
    const ScratchFolder scratch(quick_folder());
    BundleStore store(scratch.path() / "home");
    const fs::path folder = store.add(bundle_.members, bundle_.manifest, bundle_.sha256);
    fs::create_directories((folder / spoiled.path).parent_path());
    spoiled.spoil(folder / spoiled.path);
    const std::vector<Problem> problems = store.verify(bundle_.sha256);
    ASSERT_FALSE(problems.empty());
    EXPECT_EQ(problems[0].what, spoiled.what);
    EXPECT_EQ(problems[0].got, spoiled.got);
    EXPECT_EQ(problems[0].where.rfind(folder.string(), 0), 0U);
    // Adding it again puts it right.
    store.add(bundle_.members, bundle_.manifest, bundle_.sha256);
    const std::vector<Problem> left = store.verify(bundle_.sha256);
    EXPECT_TRUE(left.empty()) << left[0].text();
    EXPECT_EQ(listing(scratch.path() / "home/incoming"), Words{bundle_.sha256 + ".hold"});
  }
}

TEST_F(StoreOfOne, IsLeftAloneWhereItIsRightAndReplacedWithWhatWasBuiltWhereItIsNot) {
  write_file(scratch_.path() / "new.so", "built");
  const fs::path built =
      store_.add_built(bundle_.sha256, kStoreVariant, "press_1", scratch_.path() / "new.so");
  EXPECT_EQ(built, folder_ / "built" / kStoreVariant / "press_1.so");
  EXPECT_EQ(fs::status(built).permissions(), fs::perms(0555));
  EXPECT_TRUE(verify().empty());
  struct stat before = {};
  struct stat after = {};
  ::stat(folder_.c_str(), &before);
  store_.add(bundle_.members, bundle_.manifest, bundle_.sha256);
  ::stat(folder_.c_str(), &after);
  EXPECT_EQ(before.st_ino, after.st_ino);
  overwrite(folder_ / "README.md", "# H2O\n");
  store_.add(bundle_.members, bundle_.manifest, bundle_.sha256);
  ::stat(folder_.c_str(), &after);
  EXPECT_NE(before.st_ino, after.st_ino);
  EXPECT_EQ(read_file(folder_ / "README.md"), "# h2o\n");
  EXPECT_EQ(read_file(built), "built");
  write_file(scratch_.path() / "new.so", "built again");
  store_.add_built(bundle_.sha256, kStoreVariant, "press_1", scratch_.path() / "new.so");
  EXPECT_EQ(read_file(built), "built again");
}

TEST_F(StoreOfOne, TakesNoHashVariantOrFileThatLeadsElsewhere) {
  for (const std::string& sha256 : {std::string(), std::string("../../x"), std::string(63, 'a'),
                                    std::string(64, 'A'), std::string(65, 'a')}) {
    for (const auto& call : std::vector<std::function<void()>>{
             [&] { store_.folder_of(sha256); }, [&] { store_.has(sha256); },
             [&] { store_.add(bundle_.members, bundle_.manifest, sha256); },
             [&] { store_.verify(sha256); }, [&] { store_.manifest_of(sha256); }}) {
      EXPECT_EQ(bundle_problem(call).what, "this is no hash of a bundle");
    }
  }
  const fs::path file = scratch_.path() / "new.so";
  write_file(file, "x");
  for (const auto& [variant, name] : std::vector<std::pair<std::string, std::string>>{
           {"..", "a"}, {"", "a"}, {"a/b", "a"}, {"v", "../a"}, {"v", "A"}, {"v", ""}}) {
    EXPECT_THROW(store_.add_built(bundle_.sha256, variant, name, file), Error);
  }
  fs::create_symlink(file, scratch_.path() / "link.so");
  EXPECT_EQ(bundle_problem([&] {
              store_.add_built(bundle_.sha256, "v", "a", scratch_.path() / "link.so");
            }).got,
            "a link");
  EXPECT_EQ(
      bundle_problem([&] { store_.add_built(numbered_bundle(2).sha256, "v", "a", file); }).what,
      "the bundle is not in the store");
  BundleMembers outside = bundle_.members;
  outside["../../escaped"] = {"x", false};
  EXPECT_EQ(bundle_problem([&] {
              store_.add(outside, bundle_.manifest, numbered_bundle(3).sha256);
            }).what,
            "a file's name leads out of the bundle");
  EXPECT_FALSE(fs::exists(home_() / "escaped"));
  EXPECT_FALSE(store_.has(numbered_bundle(3).sha256));
}

TEST_F(StoreOfOne, KeepsWhatIsInUseOrHeldWhenItIsCollected) {
  const StoredBundle used = numbered_bundle(2);
  const StoredBundle held = numbered_bundle(3);
  store_.add(used.members, used.manifest, used.sha256);
  auto other = std::make_unique<BundleStore>(home_());
  other->add(held.members, held.manifest, held.sha256);
  fs::create_directories(home_() / "store" / "not-a-bundle");
  const ProfileLock lock(home_());
  EXPECT_EQ(store_.collect({used.sha256}, lock), Words{bundle_.sha256});
  EXPECT_FALSE(store_.has(bundle_.sha256));
  EXPECT_TRUE(store_.verify(used.sha256).empty());
  EXPECT_TRUE(store_.verify(held.sha256).empty());
  EXPECT_TRUE(store_.collect({used.sha256}, lock).empty());
  other.reset();
  EXPECT_EQ(store_.collect({used.sha256}, lock), Words{held.sha256});
  EXPECT_EQ(listing(home_() / "incoming"), Words{});
  EXPECT_TRUE(fs::exists(home_() / "store" / "not-a-bundle"));
}

TEST_F(StoreOfOne, SweepsWhatEndedProcessesLeftAndNothingElse) {
  const StoredBundle other = numbered_bundle(2);
  const fs::path incoming = home_() / "incoming";
  write_file(incoming / (other.sha256 + ".1.2") / "README.md", "half");
  write_file(incoming / (other.sha256 + ".hold"), "");
  write_file(incoming / (bundle_.sha256 + ".1.2") / "README.md", "held");
  write_file(incoming / "a download", "x");
  write_file(incoming / other.sha256, "x");  // no name of ours
  const StoredBundle third = numbered_bundle(3);
  store_.add(third.members, third.manifest, third.sha256);
  Words expected = {"a download", other.sha256, bundle_.sha256 + ".1.2", bundle_.sha256 + ".hold",
                    third.sha256 + ".hold"};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(listing(incoming), expected);
}

TEST_F(StoreOfOne, IsHeldByTheParentWhenAForkedChildEnds) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    store_.~BundleStore();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  const ProfileLock lock(home_());
  EXPECT_TRUE(BundleStore(home_()).collect({}, lock).empty());
  EXPECT_TRUE(store_.has(bundle_.sha256));
}

}  // namespace
}  // namespace pressroom::store_bundles_test
