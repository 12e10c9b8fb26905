// A process that changes what is installed may be killed at any moment, beside others that do the
// same: what is installed is what it was, or what it was to be.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <random>

#include "kill_points.h"
#include "store_test_support.h"

namespace pressroom::store_kill_test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// Every plugin of the profile has its bundle, and that is right. The names.
Words whole_names(const fs::path& home) {
  const Profile profile = read_profile(home, kStoreVariant);
  const BundleStore store(home);
  for (const InstalledPlugin& plugin : profile.plugins) {
    const std::vector<Problem> problems = store.verify(plugin.bundle_sha256);
    EXPECT_TRUE(problems.empty()) << problems[0].text();
    EXPECT_EQ(sha256_file(home / plugin.file), plugin.file_sha256);
  }
  return names_of(profile);
}

void change_at_random(const fs::path& home, std::mt19937& random) {
  const StoredBundle bundle = numbered_bundle(static_cast<int>(random() % 5));
  switch (random() % 6) {
    case 0: {
      const ProfileLock lock(home);
      if (read_profile(home, kStoreVariant).previous > 0) roll_back(home, kStoreVariant, lock);
      return;
    }
    case 1: {
      BundleStore store(home);
      const ProfileLock lock(home);
      store.collect(bundles_in_use(home), lock);
      return;
    }
    case 2: {
      const ProfileLock lock(home);
      Profile next = read_profile(home, kStoreVariant);
      next.remove(bundle.manifest.name, {});
      switch_profile(home, kStoreVariant, next, lock);
      return;
    }
    default:
      install_into(home, bundle);
  }
}

TEST(StoreUnderKills, HasAWholeProfileAfterEachOfThreeHundredInSeveralProcesses) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  std::mt19937 random(20260501);
  constexpr int kRounds = 100;
  constexpr int kProcesses = 3;
  std::int64_t generation = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
      const auto seed = static_cast<unsigned>(random());
      children.push_back(fork_to([&] {
        std::mt19937 own(seed);
        for (;;) change_at_random(home, own);
      }));
      ASSERT_GT(children.back(), 0);
    }
    for (const pid_t child : children) {
      ::usleep(random() % 4'000);
      ::kill(child, SIGKILL);
      read_profile(home, kStoreVariant);  // while the others go on
    }
    for (const pid_t child : children) EXPECT_TRUE(WIFSIGNALED(status_of(child)));
    whole_names(home);
    const std::vector<Profile> all = profile_generations(home, kStoreVariant);
    if (!all.empty()) {
      EXPECT_GE(all.back().generation, generation);
      generation = all.back().generation;
    }
  }
  EXPECT_GT(generation, 10);
  install_into(home, numbered_bundle(9));
  const ProfileLock lock(home);
  BundleStore(home).collect(bundles_in_use(home), lock);
  EXPECT_EQ(listing(home / "incoming"), Words{});
  const Words names = whole_names(home);
  EXPECT_EQ(names.back(), "press_9");
}

TEST(StoreUnderKills, LosesNothingWhereTwoProcessesInstallAtOnce) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  constexpr int kEach = 12;
  std::vector<pid_t> children;
  for (const int first : {0, kEach / 2}) {  // half of them are installed by both
    children.push_back(fork_to([&] {
      for (int i = first; i < first + kEach; ++i) install_into(home, numbered_bundle(i));
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(status_of(child), 0);
  Words expected;
  for (int i = 0; i < kEach + kEach / 2; ++i) expected.push_back("press_" + std::to_string(i));
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(whole_names(home), expected);
  EXPECT_EQ(read_profile(home, kStoreVariant).generation, 2 * kEach);
}

void copy_home(const fs::path& home, const fs::path& copy) {
  if (!fs::exists(home)) return;
  fs::copy(home, copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

struct Change {
  const char* description;
  std::function<void(const fs::path& home)> prepare;
  std::function<void(const fs::path& home)> run;
  Words before, after;
};

std::vector<Change> changes() {
  const auto install = [](int number) {
    return [number](const fs::path& home) { install_into(home, numbered_bundle(number)); };
  };
  const auto both = [](const fs::path& home) {
    install_into(home, numbered_bundle(1));
    install_into(home, numbered_bundle(2));
  };
  const auto full = [](const fs::path& home) {
    for (int i = 0; i < 11; ++i) install_into(home, numbered_bundle(i % 2 + 1));
  };
  const auto roll = [](const fs::path& home) {
    const ProfileLock lock(home);
    roll_back(home, kStoreVariant, lock);
  };
  const auto remove_and_collect = [](const fs::path& home) {
    const ProfileLock lock(home);
    Profile next = read_profile(home, kStoreVariant);
    next.remove("press_2", {});
    switch_profile(home, kStoreVariant, next, lock);
    // As if the generations before were no longer kept.
    BundleStore(home).collect({numbered_bundle(1).sha256}, lock);
  };
  const Words one = {"press_1"};
  const Words two = {"press_1", "press_2"};
  return {{"the first install", [](const fs::path&) {}, install(1), {}, one},
          {"an install", install(1), install(2), one, two},
          {"an install that drops a generation",
           full,
           install(3),
           two,
           {"press_1", "press_2", "press_3"}},
          {"a way back", both, roll, two, one},
          {"a removal", both, remove_and_collect, two, one}};
}

TEST(StoreUnderKills, IsTheOldOrTheNewOneWhereverInAChangeItHappens) {
  for (const Change& change : changes()) {
    SCOPED_TRACE(change.description);
    const ScratchFolder scratch(quick_folder());
    const fs::path home = scratch.path() / "home";
    change.prepare(home);
    bool was_new = false;
    int looks = 0;
    const auto look = [&] {
      const fs::path copy = scratch.path() / "copy";
      copy_home(home, copy);
      const Words names = whole_names(copy);
      EXPECT_TRUE(names == change.before || names == change.after) << names.size();
      // Once it is the new one, it does not turn back.
      EXPECT_TRUE(!was_new || names == change.after);
      was_new = names == change.after;
      // And the next one finds its way.
      if (++looks % 8 == 0) {
        install_into(copy, numbered_bundle(7));
        EXPECT_EQ(whole_names(copy).back(), "press_7");
        EXPECT_EQ(listing(copy / "incoming"), Words{});
      }
      fs::remove_all(copy);
    };
    const int stops = at_each_change([&] { change.run(home); }, look);
    if (stops == 0) GTEST_SKIP() << "processes cannot be traced here";
    EXPECT_GT(stops, 2);
    EXPECT_EQ(whole_names(home), change.after);
  }
}

// A bundle of which a file was lost is put right while the profile names it.
TEST(StoreUnderKills, HasAPluginAtAnyTimeWhileItsBundleIsReplaced) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  const StoredBundle bundle = numbered_bundle(1);
  install_into(home, bundle);
  write_file(scratch.path() / "new.so", "built");
  const fs::path built = BundleStore(home).add_built(bundle.sha256, kStoreVariant, "press_1",
                                                     scratch.path() / "new.so");
  fs::remove(home / "store" / bundle.sha256 / "README.md");
  const InstalledPlugin plugin = read_profile(home, kStoreVariant).plugins.at(0);
  const auto look = [&] {
    EXPECT_EQ(sha256_file(home / plugin.file), plugin.file_sha256);
    EXPECT_EQ(read_file(built), "built");
  };
  const int stops = at_each_change(
      [&] { BundleStore(home).add(bundle.members, bundle.manifest, bundle.sha256); }, look);
  if (stops == 0) GTEST_SKIP() << "processes cannot be traced here";
  look();
  EXPECT_TRUE(BundleStore(home).verify(bundle.sha256).empty());
}

}  // namespace
}  // namespace pressroom::store_kill_test
