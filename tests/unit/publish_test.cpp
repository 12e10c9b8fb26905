// What publishing does to a repository, and what it refuses to sign.
#include "repository/publish.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "hub/http.h"
#include "repository/leftovers.h"
#include "repository_test_support.h"

namespace pressroom::publish_test {
namespace {

namespace fs = std::filesystem;

const PublicKey& a() { return key_of_a().public_key(); }
const PublicKey& b() { return key_of_b().public_key(); }

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(Publish, MakesARepositoryOfAnEmptyFolder) {
  const TestRepository lab;
  const fs::path file = lab.bundle("h2o", {1, 0, 0});
  const PublishResult result = publish(lab.request({file}));
  EXPECT_EQ(result.serial, 1);
  EXPECT_TRUE(result.is_new);
  EXPECT_EQ(result.added, std::vector<std::string>{"bundles/h2o-1.0.0.press.tar.zst"});
  EXPECT_EQ(result.expires, kToday.after(std::chrono::hours(365 * 24)));
  EXPECT_EQ(read_file(lab.folder() / "bundles/h2o-1.0.0.press.tar.zst"), read_file(file));
  const RepositoryIndex index = lab.index();
  EXPECT_EQ(index.expires, result.expires);
  ASSERT_EQ(index.keys.size(), 1U);
  EXPECT_EQ(index.keys[0].key, a());
  EXPECT_EQ(index.bundles[0].licence, small_manifest().licence);
}

TEST(Publish, AddsToWhatIsThere) {
  const TestRepository lab;
  publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
  const PublishResult result =
      publish(lab.request({lab.bundle("h2o", {1, 1, 0}), lab.bundle("tova", {1, 0, 0})}));
  EXPECT_EQ(result.serial, 2);
  EXPECT_EQ(result.added.size(), 2U);
  EXPECT_EQ(lab.index().bundles.size(), 3U);
  EXPECT_TRUE(lab.open().check().problems.empty());
}

TEST(Publish, DoesNothingWhereAllIsThereAndPutsBackWhatWasLost) {
  const TestRepository lab;
  const fs::path file = lab.bundle("h2o", {1, 0, 0});
  publish(lab.request({file}));
  const std::string before = read_file(lab.folder() / kIndexPath);
  fs::remove(lab.folder() / "bundles/h2o-1.0.0.press.tar.zst");
  const PublishResult result = publish(lab.request({file, file}));
  EXPECT_FALSE(result.is_new);
  EXPECT_EQ(result.serial, 1);
  EXPECT_TRUE(result.added.empty());
  EXPECT_EQ(read_file(lab.folder() / kIndexPath), before);
  EXPECT_TRUE(lab.open().check().problems.empty());
}

TEST(Publish, RenewsTheIndexWhereThereIsNothingToAdd) {
  const TestRepository lab;
  publish(lab.request({}));
  PublishRequest request = lab.request({});
  request.now = kToday.after(std::chrono::hours(1000 * 24));  // it has expired by then
  request.valid_for = std::chrono::hours(24);
  const PublishResult result = publish(request);
  EXPECT_EQ(result.serial, 2);
  EXPECT_EQ(result.expires, request.now.after(std::chrono::hours(24)));
  EXPECT_EQ(lab.open(lab.known(), request.now).index().serial, 2);
}

struct PublishRefusal {
  const char* what;
  std::function<void(const TestRepository&, PublishRequest&)> make;
};

std::vector<PublishRefusal> publish_refusals() {
  using Lab = const TestRepository&;
  using Request = PublishRequest&;
  return {// bundles
          {"the bundle cannot be read",
           [](Lab lab, Request request) { request.bundles = {lab.folder() / "gone"}; }},
          {"the bundle is damaged",
           [](Lab lab, Request request) {
             const std::string bytes = read_file(request.bundles[0]);
             write_file(lab.scratch.path() / "x", bytes.substr(0, 30) + "x" + bytes.substr(31));
             request.bundles = {lab.scratch.path() / "x"};
           }},
          {"the bundle is not signed",
           [](Lab lab, Request request) {
             request.bundles.push_back(lab.bundle("tova", {1, 0, 0}, nullptr));
           }},
          {"the bundle is signed by an unknown key",
           [](Lab lab, Request request) {
             request.bundles.push_back(lab.bundle("tova", {1, 0, 0}, &key_of_b()));
           }},
          {"the key was revoked",
           [](Lab lab, Request request) {
             request.keys = {{b(), "B", {}, true}};
             request.bundles.push_back(lab.bundle("tova", {1, 0, 0}, &key_of_b()));
           }},
          {"this version is there with other bytes, and is never replaced",
           [](Lab lab, Request request) {
             request.bundles.push_back(lab.bundle("h2o", {1, 0, 0}, &key_of_a(), "# other\n"));
           }},
          // keys
          {"the key was revoked",
           [](Lab, Request request) {
             request.keys = {{a(), "A", {}, true}};
           }},
          {"the key has expired",
           [](Lab, Request request) {
             request.keys = {{a(), "A", kToday, false}};
           }},
          {"the key was revoked",
           [](Lab lab, Request request) {
             request.known = lab.known();
             request.known->withdrawn = {{a(), "A", {}, true}};
           }},
          {"a key's owner cannot be shown",
           [](Lab, Request request) {
             request.keys = {{b(), "two\nlines", {}, false}};
           }},
          // the folder
          {"there is no folder to publish to",
           [](Lab lab, Request request) { request.repository = lab.scratch.path() / "gone"; }},
          {"there is no folder to publish to",
           [](Lab, Request request) { request.repository = "https://presses.example"; }},
          {"there is no folder to publish to",
           [](Lab, Request request) { request.repository = request.bundles[0]; }},
          {"the folder is no repository",
           [](Lab lab, Request request) { request.repository = lab.scratch.path(); }},
          {"the repository cannot be written",
           [](Lab lab, Request) {
             fs::rename(lab.folder() / "bundles", lab.scratch.path() / "elsewhere");
             fs::create_symlink(lab.scratch.path() / "elsewhere", lab.folder() / "bundles");
           }},
          {"the repository cannot be locked",
           [](Lab lab, Request) {
             fs::remove(lab.folder() / ".lock");
             fs::create_symlink(lab.scratch.path() / "elsewhere", lab.folder() / ".lock");
           }},
          // its index
          {"the repository's index is gone",
           [](Lab lab, Request request) {
             request.known = lab.known();
             request.known->serial = 1;
             fs::remove(lab.folder() / kIndexPath);
           }},
          {"the repository's index is older than one seen before",
           [](Lab lab, Request request) {
             request.known = lab.known();
             request.known->serial = 2;
           }},
          {"the repository's index is not signed",
           [](Lab lab, Request) { fs::remove_all(lab.folder() / kSignaturesFolder); }},
          {"the repository's index is signed by an unknown key",
           [](Lab lab, Request) { lab.put_index(lab.index(), key_of_b()); }},
          {"the repository's serial number cannot grow",
           [](Lab lab, Request) {
             RepositoryIndex index = lab.index();
             index.serial = kHighestSerial;
             lab.put_index(index);
           }},
          {"the index would have expired at once",
           [](Lab, Request request) { request.valid_for = std::chrono::hours(0); }}};
}

TEST(Publish, RefusesInWordsOfItsOwnAndLeavesTheIndexAsItWas) {
  for (const PublishRefusal& refusal : publish_refusals()) {
    SCOPED_TRACE(refusal.what);
    const TestRepository lab;
    publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
    PublishRequest request = lab.request({lab.bundle("new", {1, 0, 0})});
    refusal.make(lab, request);
    const std::string before = read_file(lab.folder() / kIndexPath);
    EXPECT_EQ(bundle_problem([&] { publish(request); }).what, refusal.what);
    EXPECT_EQ(read_file(lab.folder() / kIndexPath), before);
    EXPECT_FALSE(fs::exists(lab.scratch.path() / "elsewhere/new-1.0.0.press.tar.zst"));
    EXPECT_FALSE(fs::exists(lab.scratch.path() / ".lock"));
  }
}

// Whoever signs an index, signs all that is in it.
TEST(Publish, BuildsOnAnIndexOfSomebodyElseOnlyWhereTheirKeyIsPinned) {
  const TestRepository lab;
  PublishRequest of_a = lab.request({});
  of_a.keys = {{a(), "A", {}, false}, {b(), "B", {}, false}};
  publish(of_a);
  PublishRequest of_b = lab.request({lab.bundle("h2o", {1, 0, 0}, &key_of_b())}, key_of_b());
  EXPECT_EQ(bundle_problem([&] { publish(of_b); }).what,
            "the repository's index is signed by an unknown key");
  of_b.known = lab.known({a()});
  EXPECT_EQ(publish(of_b).serial, 2);
  EXPECT_EQ(lab.open(lab.known({b()})).index().bundles.size(), 1U);
  of_b.known->withdrawn = {{a(), "A", {}, true}};
  PublishRequest again = lab.request({});
  again.known = lab.known({a(), b()});
  publish(again);
  EXPECT_EQ(bundle_problem([&] { publish(of_b); }).what, "the key was revoked");
}

TEST(Publish, RefusesAKeyThatTheIndexDoesNotName) {
  const TestRepository lab;
  publish(lab.request({}));
  PublishRequest request = lab.request({}, key_of_b());
  request.known = lab.known();
  EXPECT_EQ(bundle_problem([&] { publish(request); }).what, "the key is not one of the repository");
  request.keys = {{b(), "B", {}, false}};
  EXPECT_EQ(publish(request).serial, 2);
}

TEST(Publish, ChangesKeysButTakesNoRevocationBack) {
  const TestRepository lab;
  PublishRequest request = lab.request({});
  request.keys = {{a(), "A", {}, false}, {b(), "B", kTomorrow, false}};
  publish(request);
  request.keys = {{b(), "", {}, true}};
  publish(request);
  ASSERT_EQ(lab.index().keys.size(), 2U);
  EXPECT_TRUE(lab.index().keys[1].revoked);
  EXPECT_EQ(lab.index().keys[1].owner, "B");
  request.keys = {{b(), "B", {}, false}};
  EXPECT_EQ(bundle_problem([&] { publish(request); }).what, "a revoked key stays revoked");
}

TEST(Publish, LetsOthersReadAndWriteAsTheFolderDoes) {
  const mode_t umask_before = ::umask(0077);
  for (const mode_t mode : {0775, 0755, 0700}) {
    const TestRepository lab;
    ASSERT_EQ(::chmod(lab.folder().c_str(), mode), 0);
    publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
    const auto mode_of = [&](const std::string& path) {
      struct stat status = {};
      EXPECT_EQ(::stat((lab.folder() / path).c_str(), &status), 0) << path;
      return status.st_mode & 0777;
    };
    EXPECT_EQ(mode_of("bundles"), mode);
    EXPECT_EQ(mode_of("signatures"), mode);
    for (const char* path : {".lock", "index.json", "bundles/h2o-1.0.0.press.tar.zst"}) {
      EXPECT_EQ(mode_of(path), mode & 0666) << path;
    }
  }
  ::umask(umask_before);
}

TEST(Publish, WaitsForOthersButNotForEver) {
  const TestRepository lab;
  publish(lab.request({}));
  const int other = ::open((lab.folder() / ".lock").c_str(), O_RDWR);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  PublishRequest request = lab.request({});
  request.patience = std::chrono::seconds(0);
  const Problem problem = bundle_problem([&] { publish(request); });
  EXPECT_EQ(problem.what, "the repository cannot be locked");
  EXPECT_TRUE(has(problem.fix, "when the other one is done"));
  request.patience = std::chrono::hours(1);
  request.stop_requested = [] { return true; };
  EXPECT_THROW(publish(request), TransferStopped);
  int asked = 0;
  request.stop_requested = [&] {
    if (++asked == 2) ::close(other);
    return false;
  };
  EXPECT_EQ(publish(request).serial, 2);
}

TEST(Publish, KeepsTheSignaturesOf16Indexes) {
  const TestRepository lab;
  std::vector<std::string> texts;
  for (int i = 0; i < 20; ++i) {
    publish(lab.request({}));
    texts.push_back(read_file(lab.folder() / kIndexPath));
  }
  EXPECT_EQ(files_in(lab.folder() / kSignaturesFolder), 16U);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(fs::exists(lab.folder() / index_signature_path(texts[i])), i >= 4) << i;
  }
}

TEST(Publish, RemovesWhatKilledPublishersLeftWhenItIsOld) {
  const TestRepository lab;
  publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
  RepositoryIndex never = lab.index();
  never.serial = 9;
  const std::string never_text = repository_index_text(never, "i");
  const std::vector<std::string> left = {
      "something.partial", "bundles/x-1.0.0.press.tar.zst.staged.partial",
      "bundles/x-1.0.0.press.tar.zst", index_signature_path(never_text)};
  const std::vector<std::string> others = {"README.md", ".git/config", "bundles/notes.txt",
                                           "signatures/other.minisig"};
  for (const std::string& path : left) write_file(lab.folder() / path, "x");
  for (const std::string& path : others) write_file(lab.folder() / path, "x");
  write_file(lab.folder() / left.back(), sign(never_text, key_of_a(), index_comment(never)));
  const RepositoryCheck check = lab.open().check();
  EXPECT_TRUE(check.problems.empty());
  EXPECT_EQ(check.harmless.size(), left.size());

  struct stat status = {};
  ASSERT_EQ(::stat((lab.folder() / left[0]).c_str(), &status), 0);
  PublishRequest request = lab.request({});
  for (const auto& [days, is_there] : {std::pair{1, true}, {8, false}}) {
    request.now = UtcTime{status.st_mtim.tv_sec}.after(std::chrono::hours(days * 24));
    publish(request);
    for (const std::string& path : left) {
      EXPECT_EQ(fs::exists(lab.folder() / path), is_there) << path;
    }
  }
  for (const std::string& path : others) EXPECT_TRUE(fs::exists(lab.folder() / path)) << path;
}

TEST(Publish, KnowsTheSerialNumberInAComment) {
  RepositoryIndex index;
  index.serial = 12;
  EXPECT_EQ(index_comment(index), "pressroom repository, serial 12, expires 1970-01-01T00:00:00Z");
  EXPECT_EQ(serial_in_comment(index_comment(index)), 12);
  for (const char* comment :
       {"", "pressroom repository, serial ", "pressroom repository, serial x",
        "pressroom repository, serial -1", "pressroom repository, serial 99999999999999999999",
        "a pressroom repository, serial 1"}) {
    EXPECT_EQ(serial_in_comment(comment), std::nullopt) << comment;
  }
}

// Writes end at a size that rises byte by byte at first: within the bundle, the signature, the
// index.
TEST(Publish, LeavesTheOldIndexWhereTheDiskIsFull) {
  const TestRepository lab;
  publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
  const std::string before = read_file(lab.folder() / kIndexPath);
  const fs::path file = lab.bundle("tova", {1, 0, 0});
  int failures = 0;
  for (rlim_t size = 0; size < 8192; size += 1 + size / 4) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit = {size, size};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      try {
        publish(lab.request({file}));
      } catch (const Error& error) {
        ::_exit(has(error.what(), "cannot write the file") ? 1 : 2);
      }
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 0) break;
    ++failures;
    ASSERT_EQ(WEXITSTATUS(status), 1) << size;
    EXPECT_EQ(read_file(lab.folder() / kIndexPath), before);
    EXPECT_TRUE(lab.open().check().problems.empty());
  }
  EXPECT_GT(failures, 10);
  EXPECT_EQ(lab.open().index().serial, 2);
}

}  // namespace
}  // namespace pressroom::publish_test
