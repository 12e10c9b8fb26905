// What is believed of a repository, and each way in which it is not.
#include "repository/repository.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "base/sha256.h"
#include "http_test_server.h"
#include "hub/http.h"
#include "repository/signer.h"
#include "repository_test_support.h"

namespace pressroom::repository_test {
namespace {

namespace fs = std::filesystem;

const PublicKey& a() { return key_of_a().public_key(); }
const PublicKey& b() { return key_of_b().public_key(); }

TEST(Repository, GivesWhatWasPublished) {
  const TestRepository lab;
  const fs::path file = lab.bundle("h2o", {1, 0, 0});
  publish(lab.request({file, lab.bundle("h2o", {1, 10, 0}), lab.bundle("h2o", {1, 9, 0})}));
  add_repository(lab.home(), lab.known());
  const Repository repository = lab.open();
  EXPECT_EQ(repository.index().serial, 1);
  EXPECT_EQ(repository.find("h2o").version.text(), "1.10.0");
  const IndexedBundle& found = repository.find("h2o", Version{1, 0, 0});
  const std::string bytes = repository.fetch(found);
  EXPECT_EQ(bytes, read_file(file));
  const BundleMembers members = parse_bundle(bytes, "b");
  EXPECT_EQ(verify_contents(members, "b").version.text(), "1.0.0");
  repository.check_key(bundle_signer(members, repository.known().keys, "b"));
  EXPECT_EQ(known_repositories(lab.home())[0].serial, 1);
  const RepositoryCheck check = repository.check();
  EXPECT_TRUE(check.problems.empty() && check.harmless.empty());
}

TEST(Repository, SuggestsWhatWasMeant) {
  const TestRepository lab;
  publish(lab.request({lab.bundle("h2o", {1, 0, 0}), lab.bundle("h2o", {1, 2, 0})}));
  const Repository repository = lab.open();
  const Problem name = bundle_problem([&] { repository.find("h20"); });
  EXPECT_EQ(name.what, "the repository does not have this plugin");
  EXPECT_EQ(name.fix, "did you mean \"h2o\"?");
  const Problem version = bundle_problem([&] { repository.find("h2o", Version{1, 1, 0}); });
  EXPECT_EQ(version.what, "the repository does not have this version of h2o");
  EXPECT_EQ(version.expected, "1.2.0, 1.0.0");
}

// One good repository, and what is done to it. `known` and `now` are what it is opened with.
struct Damage {
  const char* what;  // is said
  std::function<void(const TestRepository&, KnownRepository&, UtcTime&)> make;
};

std::vector<Damage> damages() {
  using Lab = const TestRepository&;
  using Known = KnownRepository&;
  using Now = UtcTime&;
  const auto change_text = [](Lab lab, const std::function<void(std::string&)>& change) {
    std::string text = read_file(lab.folder() / kIndexPath);
    change(text);
    lab.put_index(text);
  };
  return {
      {"there is no repository",
       [](Lab lab, Known, Now) { fs::remove(lab.folder() / kIndexPath); }},
      {"the repository's folder cannot be opened",
       [](Lab lab, Known, Now) { fs::remove_all(lab.folder()); }},
      {"a file of the repository cannot be read",
       [](Lab lab, Known, Now) {
         fs::remove(lab.folder() / kIndexPath);
         fs::create_symlink("/etc/passwd", lab.folder() / kIndexPath);
       }},
      {"a file of the repository is too large",
       [](Lab lab, Known, Now) {
         fs::resize_file(lab.folder() / kIndexPath, kMostIndexBytes + 1);
       }},
      // Signed, and still not to be believed.
      {"the repository's index cannot be read",
       [=](Lab lab, Known, Now) {
         change_text(lab, [](std::string& text) { text = std::string(100000, '['); });
       }},
      {"the repository's index cannot be read",
       [=](Lab lab, Known, Now) {
         change_text(lab, [](std::string& text) { text.resize(text.size() / 2); });
       }},
      {"the repository's index cannot be read",
       [=](Lab lab, Known, Now) {
         change_text(lab, [](std::string& text) {
           text = replaced(text, "\"serial\": 1", "\"serial\": 1, \"serial\": 1");
         });
       }},
      {"unknown key \"trusted\"",
       [=](Lab lab, Known, Now) {
         change_text(lab, [](std::string& text) {
           text = replaced(text, "\"serial\": 1", "\"serial\": 1, \"trusted\": true");
         });
       }},
      {"the repository is of another version of the format",
       [=](Lab lab, Known, Now) {
         change_text(
             lab, [](std::string& text) { text = replaced(text, "repository/1", "repository/2"); });
       }},
      // Signed by nobody, or not by whom it should be.
      {"the repository's index is not signed",
       [](Lab lab, Known, Now) { fs::remove_all(lab.folder() / kSignaturesFolder); }},
      {"the repository's index is not signed",
       [](Lab lab, Known, Now) {
         const std::string text = read_file(lab.folder() / kIndexPath);
         write_file(lab.folder() / kIndexPath, replaced(text, "\"serial\": 1", "\"serial\": 2"));
       }},
      {"the bytes are not those that were signed",
       [](Lab lab, Known, Now) {
         const std::string old = read_file(lab.folder() / kIndexPath);
         const std::string text = replaced(old, "\"serial\": 1", "\"serial\": 2");
         write_file(lab.folder() / kIndexPath, text);
         fs::rename(lab.folder() / index_signature_path(old),
                    lab.folder() / index_signature_path(text));
       }},
      {"the trusted comment was altered",
       [](Lab lab, Known, Now) {
         const fs::path file =
             lab.folder() / index_signature_path(read_file(lab.folder() / kIndexPath));
         write_file(file, replaced(read_file(file), "serial 1", "serial 9"));
       }},
      {"this is not a signature",
       [](Lab lab, Known, Now) {
         write_file(lab.folder() / index_signature_path(read_file(lab.folder() / kIndexPath)), "x");
       }},
      {"the repository's index is signed by an unknown key",
       [](Lab, Known known, Now) { known.keys = {b()}; }},
      {"the repository's index is signed by an unknown key",
       [](Lab lab, Known, Now) { lab.put_index(lab.index(), key_of_b()); }},
      // Another key that has the same id, as anybody can make one.
      {"the bytes are not those that were signed",
       [](Lab, Known known, Now) {
         known.keys = {b()};
         known.keys[0].id = a().id;
       }},
      {"the key was revoked",
       [](Lab lab, Known, Now) {
         RepositoryIndex index = lab.index();
         index.keys[0].revoked = true;
         lab.put_index(index);
       }},
      {"the key was revoked",
       [](Lab, Known known, Now) {
         known.withdrawn = {{a(), "A", {}, true}};
       }},
      {"the key has expired",
       [](Lab lab, Known, Now) {
         RepositoryIndex index = lab.index();
         index.keys[0].expires = kToday;
         lab.put_index(index);
       }},
      {"the key has expired",
       [](Lab, Known known, Now) {
         known.withdrawn = {{a(), "A", kToday, false}};
       }},
      // Old.
      {"the repository's index is older than one seen before",
       [](Lab, Known known, Now) { known.serial = 2; }},
      {"the repository's index has expired",
       [](Lab lab, Known, Now now) { now = lab.index().expires; }}};
}

TEST(Repository, IsRefusedInWordsOfItsOwn) {
  for (const Damage& damage : damages()) {
    SCOPED_TRACE(damage.what);
    const TestRepository lab;
    publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
    KnownRepository known = lab.known();
    UtcTime now = kToday;
    add_repository(lab.home(), known);
    damage.make(lab, known, now);
    EXPECT_EQ(bundle_problem([&] { lab.open(known, now); }).what, damage.what);
    EXPECT_EQ(known_repositories(lab.home())[0].serial, 0) << "what was refused is not noted";
  }
}

TEST(Repository, HoldsUntilItExpiresHoweverFarThatIs) {
  const TestRepository lab;
  publish(lab.request({}));
  RepositoryIndex index = lab.index();
  const UtcTime before = {index.expires.seconds - 1};
  EXPECT_EQ(lab.open(lab.known(), before).index().serial, 1);
  index.expires = *parse_utc_time("9999-12-31T23:59:59Z");
  lab.put_index(index);
  EXPECT_EQ(lab.open(lab.known(), before).index().serial, 1);
}

TEST(Repository, RefusesAnIndexThatGoesBack) {
  const TestRepository lab;
  publish(lab.request({}));
  const std::string old = read_file(lab.folder() / kIndexPath);
  publish(lab.request({}));
  add_repository(lab.home(), lab.known());
  lab.open(known_repositories(lab.home())[0]);
  write_file(lab.folder() / kIndexPath, old);  // its signature is there still
  EXPECT_EQ(bundle_problem([&] { lab.open(known_repositories(lab.home())[0]); }).what,
            "the repository's index is older than one seen before");
}

// One person's key vouches as well as another's, and any of them can take another's trust away.
TEST(Repository, TrustsEveryPinnedKeyUntilAnotherRevokesIt) {
  const TestRepository lab;
  PublishRequest first = lab.request({lab.bundle("h2o", {1, 0, 0}, &key_of_b())});
  first.keys = {{a(), "A", {}, false}, {b(), "B", {}, false}};
  publish(first);
  const KnownRepository both = lab.known({a(), b()});
  add_repository(lab.home(), both);
  lab.open(both).check_key(b());
  EXPECT_TRUE(lab.open(both).check().problems.empty());

  PublishRequest second = lab.request({});
  second.keys = {{b(), "", {}, true}};
  publish(second);
  const Repository revoked = lab.open(both);
  EXPECT_EQ(bundle_problem([&] { revoked.check_key(b()); }).what, "the key was revoked");
  EXPECT_TRUE(has(bundle_problem([&] { revoked.check_key(b()); }).got, "of B"));
  revoked.check_key(a());
  ASSERT_EQ(revoked.check().problems.size(), 1U);
  EXPECT_EQ(revoked.check().problems[0].what, "the key was revoked");

  // Who has B's key signs an index that says nothing of that.
  RepositoryIndex forged = lab.index();
  forged.serial += 1;
  forged.keys = {{b(), "B", {}, false}};
  lab.put_index(forged, key_of_b());
  EXPECT_EQ(bundle_problem([&] { lab.open(known_repositories(lab.home())[0]); }).what,
            "the key was revoked");
}

TEST(Repository, RemembersAKeyThatRevokedItself) {
  const TestRepository lab;
  publish(lab.request({}));
  const RepositoryIndex good = lab.index();
  add_repository(lab.home(), lab.known());
  RepositoryIndex own = good;
  own.serial = 2;
  own.keys[0].revoked = true;
  lab.put_index(own);
  EXPECT_EQ(bundle_problem([&] { lab.open(known_repositories(lab.home())[0]); }).what,
            "the key was revoked");
  EXPECT_EQ(known_repositories(lab.home())[0].serial, 0) << "nothing else of it is believed";
  lab.put_index(good);
  EXPECT_EQ(bundle_problem([&] { lab.open(known_repositories(lab.home())[0]); }).what,
            "the key was revoked");
}

// An expired key cannot give itself more time; another key can.
TEST(Repository, LetsAnotherKeyPutOffWhenAKeyExpires) {
  const TestRepository lab;
  PublishRequest first = lab.request({});
  first.keys = {{a(), "A", {}, false}, {b(), "B", kTomorrow, false}};
  publish(first);
  add_repository(lab.home(), lab.known({a(), b()}));
  const auto known = [&] { return known_repositories(lab.home())[0]; };
  lab.open(known()).check_key(b());
  EXPECT_EQ(bundle_problem([&] { lab.open(known(), kTomorrow).check_key(b()); }).what,
            "the key has expired");

  RepositoryIndex longer = lab.index();
  longer.serial = 2;
  longer.keys[1].expires = kTomorrow.after(std::chrono::hours(24));
  lab.put_index(longer, key_of_b());
  EXPECT_EQ(bundle_problem([&] { lab.open(known(), kTomorrow); }).what, "the key has expired");
  lab.put_index(longer, key_of_a());
  lab.open(known(), kTomorrow).check_key(b());
}

TEST(Repository, RefusesAKeyThatWasNotPinned) {
  const TestRepository lab;
  PublishRequest request = lab.request({});
  request.keys = {{a(), "A", {}, false}, {b(), "B", {}, false}};
  publish(request);
  const Problem problem = bundle_problem([&] { lab.open().check_key(b()); });
  EXPECT_EQ(problem.what, "the key was not pinned for this repository");
  EXPECT_TRUE(has(problem.got, b().line()));
}

TEST(Repository, RefusesABundleThatIsNotTheOneOfItsIndex) {
  const TestRepository lab;
  publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
  const fs::path file = lab.folder() / "bundles/h2o-1.0.0.press.tar.zst";
  const std::string good = read_file(file);
  const Repository repository = lab.open();
  std::string changed = good;
  changed[good.size() / 2] ^= 1;
  const std::pair<std::function<void()>, const char*> cases[] = {
      {[&] { fs::remove(file); }, "a bundle is missing from the repository"},
      {[&] { write_file(file, good.substr(1)); },
       "a bundle is of another size than the index says"},
      {[&] { write_file(file, good + "x"); }, "a file of the repository is too large"},
      {[&] { write_file(file, changed); }, "a bundle is not the one of the index"},
      {[&] {
         fs::rename(file, lab.scratch.path() / "elsewhere");
         fs::create_symlink(lab.scratch.path() / "elsewhere", file);
       },
       "a file of the repository cannot be read"}};
  for (const auto& [damage, what] : cases) {
    damage();
    EXPECT_EQ(bundle_problem([&] { repository.fetch(repository.find("h2o")); }).what, what);
    ASSERT_EQ(repository.check().problems.size(), 1U);
    EXPECT_EQ(repository.check().problems[0].what, what);
  }
}

TEST(Repository, IsCheckedAgainstWhatItsBundlesSay) {
  const TestRepository lab;
  publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
  RepositoryIndex index = lab.index();
  index.bundles[0].licence = "MIT";
  lab.put_index(index);
  ASSERT_EQ(lab.open().check().problems.size(), 1U);
  EXPECT_EQ(lab.open().check().problems[0].what,
            "the index says something else of a bundle than its manifest");
  // A bundle of somebody whom nobody knows, put into the index by A.
  const std::string bytes = read_file(lab.bundle("tova", {1, 0, 0}, nullptr));
  index = lab.index();
  IndexedBundle& entry = index.bundles[0];
  entry.licence = "Apache-2.0";
  entry.name = "tova";
  entry.file = "bundles/tova-1.0.0.press.tar.zst";
  entry.bytes = bytes.size();
  entry.sha256 = sha256_hex(bytes);
  write_file(lab.folder() / entry.file, bytes);
  lab.put_index(index);
  ASSERT_EQ(lab.open().check().problems.size(), 1U);
  EXPECT_EQ(lab.open().check().problems[0].what, "the bundle is not signed");
}

TEST(Repository, IsPreviewedBeforeAKeyIsPinned) {
  const TestRepository lab;
  PublishRequest request = lab.request({});
  request.keys = {{b(), "B. Author", {}, false}, {a(), "A. Author", {}, false}};
  publish(request);
  const RepositoryPreview preview = Repository::preview(lab.folder().string(), nullptr);
  EXPECT_EQ(preview.signer, a());
  EXPECT_EQ(preview.owner, "A. Author");
  EXPECT_EQ(preview.keys.size(), 2U);
  EXPECT_EQ(preview.serial, 1);
  EXPECT_EQ(preview.expires, kToday.after(std::chrono::hours(365 * 24)));
  RepositoryIndex index = lab.index();
  index.keys.pop_back();
  lab.put_index(index);
  EXPECT_EQ(bundle_problem([&] { Repository::preview(lab.folder().string(), nullptr); }).what,
            "the repository's index is signed by an unknown key");
}

// The same folder, shown by a web server.
TEST(Repository, IsReadFromAWebServer) {
  ::setenv("no_proxy", "127.0.0.1", /*overwrite=*/1);
  const TestRepository lab;
  publish(lab.request({lab.bundle("h2o", {1, 0, 0})}));
  std::string moved_to;
  const HttpTestServer server([&](const TestRequest& request) {
    if (!moved_to.empty()) return TestAnswer{302, "", {{"Location", moved_to}}, {}};
    const fs::path file = lab.folder() / request.path.substr(1);
    return fs::exists(file) ? TestAnswer{200, read_file(file), {}, {}}
                            : TestAnswer{404, "", {}, {}};
  });
  KnownRepository known = lab.known();
  known.location = server.url();
  const Repository repository = lab.open(known);
  EXPECT_EQ(sha256_hex(repository.fetch(repository.find("h2o"))), repository.find("h2o").sha256);
  EXPECT_TRUE(repository.check().problems.empty());
  moved_to = "http://localhost:1/index.json";
  EXPECT_EQ(bundle_problem([&] { lab.open(known); }).what,
            "the server redirects to another server");
  EXPECT_EQ(bundle_problem([&] { repository.fetch(repository.find("h2o")); }).what,
            "the server redirects to another server");
  known.location = "http://presses.example";
  EXPECT_EQ(bundle_problem([&] { lab.open(known); }).what,
            "the address is not encrypted, and is not of this machine");
}

// Publishers are faster than the reader: the index it has in hand has lost its signature.
TEST(Repository, IsReadAgainWhereItChangedMeanwhile) {
  ::setenv("no_proxy", "127.0.0.1", /*overwrite=*/1);
  const TestRepository lab;
  publish(lab.request({}));
  const std::string old = read_file(lab.folder() / kIndexPath);
  publish(lab.request({}));
  fs::remove(lab.folder() / index_signature_path(old));
  bool is_first = true;
  const HttpTestServer server([&](const TestRequest& request) {
    const bool is_stale = request.path == "/index.json" && std::exchange(is_first, false);
    const fs::path file = lab.folder() / request.path.substr(1);
    if (!fs::exists(file)) return TestAnswer{404, "", {}, {}};
    return TestAnswer{200, is_stale ? old : read_file(file), {}, {}};
  });
  KnownRepository known = lab.known();
  known.location = server.url();
  EXPECT_EQ(lab.open(known).index().serial, 2);
}

TEST(Repository, IsReadByWhoMayNotWriteToTheHome) {
  const TestRepository lab;
  publish(lab.request({}));
  add_repository(lab.home(), lab.known());
  if (::geteuid() == 0) GTEST_SKIP() << "everything may be written to by root";
  ASSERT_EQ(::chmod(lab.home().c_str(), 0555), 0);
  EXPECT_EQ(lab.open().index().serial, 1);
  ASSERT_EQ(::chmod(lab.home().c_str(), 0755), 0);
  EXPECT_EQ(known_repositories(lab.home())[0].serial, 0);
}

}  // namespace
}  // namespace pressroom::repository_test
