// Publishers that are killed, and publishers at the same time: what others find then.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "repository_test_support.h"

namespace pressroom::publish_kills_test {
namespace {

namespace fs = std::filesystem;

void ended_well(pid_t child) {
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(PublishAtOnce, LosesNothing) {
  const TestRepository lab;
  constexpr int kEach = 20;
  PublishRequest first = lab.request({});
  first.keys = {{key_of_a().public_key(), "A", {}, false},
                {key_of_b().public_key(), "B", {}, false}};
  publish(first);
  const KnownRepository both = lab.known({key_of_a().public_key(), key_of_b().public_key()});
  std::vector<pid_t> children;
  for (const SecretKey* key : {&key_of_a(), &key_of_b()}) {
    std::vector<fs::path> bundles;
    for (int i = 0; i < kEach; ++i) {
      bundles.push_back(lab.bundle(key == &key_of_a() ? "of_a" : "of_b", {1, 0, i}, key));
    }
    const pid_t child = ::fork();
    if (child == 0) {
      for (const fs::path& bundle : bundles) {
        PublishRequest request = lab.request({bundle}, *key);
        request.known = both;
        publish(request);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  // Whoever reads meanwhile finds a whole index, and a newer one each time.
  const pid_t reader = ::fork();
  if (reader == 0) {
    KnownRepository known = both;
    while (known.serial < 1 + 2 * kEach) known.serial = lab.open(known).index().serial;
    ::_exit(0);
  }
  for (const pid_t child : children) ended_well(child);
  ended_well(reader);
  const Repository repository = lab.open(both);
  EXPECT_EQ(repository.index().serial, 1 + 2 * kEach);
  EXPECT_EQ(repository.index().bundles.size(), std::size_t{2 * kEach});
  const RepositoryCheck check = repository.check();
  EXPECT_TRUE(check.problems.empty()) << check.problems[0].text();
  EXPECT_TRUE(check.harmless.empty());
}

// Each child publishes one bundle after the other, and says so through a pipe when one is published,
// until it is killed.
TEST(PublishKilled, LeavesTheOldIndexOrTheNewOne) {
  constexpr int kKills = 200;
  constexpr int kBundles = 40;
  const TestRepository lab;
  std::vector<fs::path> bundles;
  for (int i = 0; i < kBundles; ++i) bundles.push_back(lab.bundle("h2o", {1, 0, i}));
  publish(lab.request({}));
  std::set<int> published;
  std::mt19937 random(7);
  std::int64_t serial = 1;
  std::size_t unfinished = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      for (int i = kill; i < kill + kBundles; ++i) {
        // Every third time without a bundle: the index alone changes.
        const int number = i % kBundles;
        std::vector<fs::path> one;
        if (i % 3 != 0) one.push_back(bundles[static_cast<std::size_t>(number)]);
        publish(lab.request(one));
        const char done = static_cast<char>(one.empty() ? kBundles : number);
        if (::write(ends[1], &done, 1) != 1) ::_exit(1);
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    // Not a wait for anything: any moment will do.
    ::usleep(static_cast<useconds_t>(random() % 8000));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    for (char done = 0; ::read(ends[0], &done, 1) == 1;) {
      if (done < kBundles) published.insert(done);
    }
    ::close(ends[0]);
    const Repository repository = lab.open();
    ASSERT_GE(repository.index().serial, serial);
    serial = repository.index().serial;
    for (const int number : published) {
      ASSERT_NE(repository.index().find("h2o", Version{1, 0, number}), nullptr) << number;
    }
    if (kill % 10 != 0) continue;  // it reads all bundles
    const RepositoryCheck check = repository.check();
    ASSERT_TRUE(check.problems.empty()) << check.problems[0].text();
    unfinished += check.harmless.size();
  }
  EXPECT_GT(unfinished, 0U) << "no publisher was killed half way";
  publish(lab.request(bundles));
  EXPECT_EQ(lab.open().index().bundles.size(), std::size_t{kBundles});
  // An index that names them all already stays as it is; one without bundles is made anew always.
  publish(lab.request({}));
  EXPECT_GT(lab.open().index().serial, serial);
}

}  // namespace
}  // namespace pressroom::publish_kills_test
