// What is installed: generations that follow each other, their file, and the way back.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "store/profile_text.h"
#include "store_test_support.h"
#include "test_folders.h"

namespace pressroom::store_profile_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

InstalledPlugin installed(PluginKind kind, const std::string& name, const Version& version) {
  InstalledPlugin plugin = plugin_of(numbered_bundle(1));
  plugin.kind = kind;
  plugin.name = name;
  plugin.version = version;
  plugin.file = "store/" + plugin.bundle_sha256 + "/variants/v/" + name + ".so";
  return plugin;
}

TEST(Profile, IsInOrderAndHasEveryVersionOfAPluginOnce) {
  Profile profile;
  profile.add(installed(PluginKind::kMetric, "a", {1, 0, 0}));
  profile.add(installed(PluginKind::kMethod, "b", {1, 10, 0}));
  profile.add(installed(PluginKind::kMethod, "b", {1, 9, 0}));
  profile.add(installed(PluginKind::kMethod, "a", {2, 0, 0}));
  InstalledPlugin again = installed(PluginKind::kMethod, "b", {1, 9, 0});
  again.repository = "another";
  profile.add(again);
  ASSERT_EQ(names_of(profile), (Words{"a", "b", "b", "a"}));
  EXPECT_EQ(profile.plugins[1].version.text(), "1.9.0");
  EXPECT_EQ(profile.plugins[1].repository, "another");
  EXPECT_EQ(profile.remove("b", Version{1, 9, 0}), 1U);
  EXPECT_EQ(profile.remove("b", Version{3, 0, 0}), 0U);
  EXPECT_EQ(profile.remove("a", {}), 2U);  // of both kinds
  EXPECT_EQ(names_of(profile), Words{"b"});
}

TEST(Profile, IsEmptyWhereNothingWasInstalled) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  EXPECT_EQ(read_profile(home, kStoreVariant).generation, 0);
  EXPECT_TRUE(profile_generations(home, kStoreVariant).empty());
  EXPECT_TRUE(bundles_in_use(home).empty());
  EXPECT_FALSE(fs::exists(home));  // reading makes nothing
  const ProfileLock lock(home);
  EXPECT_EQ(bundle_problem([&] { roll_back(home, kStoreVariant, lock); }).what,
            "there is nothing to go back to");
}

TEST(Profile, GoesForwardByOneGenerationAndBackToTheOneItWasMadeFrom) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(install_into(home, numbered_bundle(i)), i);
  Profile now = read_profile(home, kStoreVariant);
  EXPECT_EQ(now.generation, 3);
  EXPECT_EQ(now.previous, 2);
  EXPECT_EQ(now.made_by, "install press_3 1.1.0");
  EXPECT_EQ(now.plugins.at(0), plugin_of(numbered_bundle(1)));
  {
    const ProfileLock lock(home);
    EXPECT_EQ(roll_back(home, kStoreVariant, lock).generation, 2);
    EXPECT_EQ(names_of(read_profile(home, kStoreVariant)), (Words{"press_1", "press_2"}));
  }
  // A number is never given twice, and what was left behind is not gone back to.
  EXPECT_EQ(install_into(home, numbered_bundle(4)), 4);
  const ProfileLock lock(home);
  EXPECT_EQ(roll_back(home, kStoreVariant, lock).generation, 2);
  EXPECT_EQ(roll_back(home, kStoreVariant, lock).generation, 1);
  EXPECT_EQ(bundle_problem([&] { roll_back(home, kStoreVariant, lock); }).what,
            "there is nothing to go back to");
  EXPECT_EQ(read_profile(home, kStoreVariant).generation, 1);
  EXPECT_EQ(profile_generations(home, kStoreVariant).size(), 4U);
  EXPECT_EQ(bundles_in_use(home).size(), 4U);
}

TEST(Profile, OfOneVariantIsNotThatOfAnotherButKeepsItsBundles) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  install_into(home, numbered_bundle(1));
  const StoredBundle other = numbered_bundle(2);
  BundleStore store(home);
  store.add(other.members, other.manifest, other.sha256);
  const ProfileLock lock(home);
  Profile next;
  next.add(plugin_of(other));
  EXPECT_EQ(switch_profile(home, "7.0-2.0-x-aarch64", next, lock), 1);
  EXPECT_EQ(names_of(read_profile(home, kStoreVariant)), Words{"press_1"});
  EXPECT_EQ(names_of(read_profile(home, "7.0-2.0-x-aarch64")), Words{"press_2"});
  EXPECT_TRUE(store.collect(bundles_in_use(home), lock).empty());
  EXPECT_TRUE(store.has(other.sha256));
  for (const char* bad : {"", ".", "..", "a/b", "../x", "a b"}) {
    EXPECT_EQ(bundle_problem([&] { read_profile(home, bad); }).what,
              "this is no name of a variant");
  }
}

TEST(Profile, KeepsTheNewestTenGenerationsAndTheWayBack) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  const auto change = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const ProfileLock lock(home);
      Profile next = read_profile(home, kStoreVariant);
      next.made_by = "change";
      switch_profile(home, kStoreVariant, next, lock);
    }
  };
  const auto numbers = [&] {
    std::vector<std::int64_t> all;
    for (const Profile& profile : profile_generations(home, kStoreVariant)) {
      all.push_back(profile.generation);
    }
    return all;
  };
  const StoredBundle first = numbered_bundle(1);
  install_into(home, first);
  {
    const ProfileLock lock(home);
    Profile next = read_profile(home, kStoreVariant);
    next.remove("press_1", {});
    switch_profile(home, kStoreVariant, next, lock);
  }
  change(8);
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(bundles_in_use(home), Words{first.sha256});
  change(1);
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_TRUE(bundles_in_use(home).empty());
  {
    const ProfileLock lock(home);
    for (int i = 0; i < 9; ++i) roll_back(home, kStoreVariant, lock);
    EXPECT_EQ(read_profile(home, kStoreVariant).generation, 2);
  }
  change(1);  // 12 is made from 2, which is older than the newest ten
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  {
    const ProfileLock lock(home);
    EXPECT_EQ(roll_back(home, kStoreVariant, lock).generation, 2);
  }
  change(12);
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{15, 16, 17, 18, 19, 20, 21, 22, 23, 24}));
  EXPECT_EQ(listing(home / "profiles" / kStoreVariant).size(), 11U);  // and the link
}

TEST(Profile, IsNotSwitchedToWhatIsNotInTheStoreOrWasMadeFromAnother) {
  const ScratchFolder scratch;
  const fs::path home = scratch.path() / "home";
  install_into(home, numbered_bundle(1));
  const ProfileLock lock(home);
  Profile next = read_profile(home, kStoreVariant);
  next.add(plugin_of(numbered_bundle(2)));
  EXPECT_EQ(bundle_problem([&] { switch_profile(home, kStoreVariant, next, lock); }).what,
            "a plugin that is to be installed is not in the store");
  next = Profile();
  EXPECT_EQ(bundle_problem([&] { switch_profile(home, kStoreVariant, next, lock); }).what,
            "what is installed was changed meanwhile");
  EXPECT_EQ(profile_generations(home, kStoreVariant).size(), 1U);
  // What was lost does not keep others from being removed or installed.
  fs::remove_all(home / "store" / numbered_bundle(1).sha256);
  next = read_profile(home, kStoreVariant);
  EXPECT_EQ(switch_profile(home, kStoreVariant, next, lock), 2);
}

struct DamagedProfile {
  const char* description;
  std::function<void(const fs::path& variant_folder)> damage;
};

TEST(Profile, ThatIsDamagedSaysSoAndIsLeftByRollingBack) {
  const auto overwrite = [](const fs::path& file, const std::string& text) {
    fs::remove(file);
    write_file(file, text);
  };
  for (const DamagedProfile& damaged : std::vector<DamagedProfile>{
           {"empty", [&](const fs::path& f) { overwrite(f / "3/profile.json", ""); }},
           {"of another generation",
            [&](const fs::path& f) {
              overwrite(f / "3/profile.json", read_file(f / "2/profile.json"));
            }},
           {"missing", [&](const fs::path& f) { fs::remove(f / "3/profile.json"); }},
           {"without its folder", [&](const fs::path& f) { fs::remove_all(f / "3"); }},
           {"a link",
            [&](const fs::path& f) {
              fs::rename(f / "3/profile.json", f / "elsewhere");
              fs::create_symlink("../elsewhere", f / "3/profile.json");
            }},
           {"large",
            [&](const fs::path& f) {
              overwrite(f / "3/profile.json", "");
              fs::resize_file(f / "3/profile.json", std::uintmax_t{1} << 40);  // a hole
            }},
           {"a pipe",
            [&](const fs::path& f) {
              fs::remove(f / "3/profile.json");
              ::mkfifo((f / "3/profile.json").c_str(), 0600);
            }},
           {"writable by everybody",
            [&](const fs::path& f) { ::chmod((f / "3/profile.json").c_str(), 0646); }},
           {"a link to nothing known",
            [&](const fs::path& f) {
              fs::remove(f / "current");
              fs::create_symlink("../../3", f / "current");
            }},
           {"no link", [&](const fs::path& f) { overwrite(f / "current", "3"); }}}) {
    SCOPED_TRACE(damaged.description);
    const ScratchFolder scratch(quick_folder());
    const fs::path home = scratch.path() / "home";
    for (int i = 1; i <= 3; ++i) install_into(home, numbered_bundle(i));
    damaged.damage(home / "profiles" / kStoreVariant);
    const Problem problem = bundle_problem([&] { read_profile(home, kStoreVariant); });
    EXPECT_EQ(problem.what, "the profile of installed plugins cannot be read");
    EXPECT_EQ(problem.where.rfind(home.string(), 0), 0U);
    EXPECT_EQ(problem.fix, "run `pressroom plugin rollback`");
    const ProfileLock lock(home);
    const std::int64_t before = roll_back(home, kStoreVariant, lock).generation;
    EXPECT_GE(before, 2);  // 3 where the link alone was damaged
    EXPECT_EQ(read_profile(home, kStoreVariant).generation, before);
  }
}

Profile whole_profile() {
  Profile profile;
  profile.generation = 4;
  profile.previous = 3;
  profile.made_by = "install press_1 1.1.0";
  profile.add(plugin_of(numbered_bundle(1)));
  InstalledPlugin built = plugin_of(numbered_bundle(2));
  built.built_here = true;
  built.file = "store/" + built.bundle_sha256 + "/built/" + kStoreVariant + "/press_2.so";
  built.repository = built.key = "";
  built.location = "/home/a b/caf\xC3\xA9.press.tar.zst";
  built.golden = kGoldenNotRun;
  profile.add(built);
  return profile;
}

TEST(ProfileText, IsReadBackAndIsWhatItsSchemaSays) {
  const Profile profile = whole_profile();
  const std::string text = profile_text(profile, "p");
  const Profile back = parse_profile(text, "p");
  EXPECT_EQ(back.generation, 4);
  EXPECT_EQ(back.previous, 3);
  EXPECT_EQ(back.made_by, profile.made_by);
  EXPECT_EQ(back.plugins, profile.plugins);
  EXPECT_EQ(profile_text(back, "p"), text);
  EXPECT_EQ(schema_errors(test_dir() / "../docs/schemas/plugin_profile.schema.json", text),
            Words{});
}

struct BadValue {
  const char* pointer;
  Json value;
  const char* where;
};

std::vector<BadValue> bad_values() {
  const std::string hash = numbered_bundle(1).sha256;
  const auto file = [&](const std::string& end) { return "store/" + hash + end; };
  return {{"/schema", "pressroom.profile/2", "p: schema"},
          {"/generation", 0, "p: generation"},
          {"/generation", "4", "p: generation"},
          {"/previous", -1, "p: previous"},
          {"/previous", 4, "p: previous"},
          {"/made_by", "a\nb", "p: made_by"},
          {"/made_by", std::string(1001, 'a'), "p: made_by"},
          {"/plugins", Json::object(), "p: plugins"},
          {"/plugins/0", 7, "p: plugins[0]"},
          {"/plugins/0/kind", "reader", "p: plugins[0].kind"},
          {"/plugins/0/name", "../x", "p: plugins[0].name"},
          {"/plugins/0/name", std::string(129, 'a'), "p: plugins[0].name"},
          {"/plugins/0/version", "1.1", "p: plugins[0].version"},
          {"/plugins/0/bundle_sha256", "ab", "p: plugins[0].bundle_sha256"},
          {"/plugins/0/file_sha256", std::string(64, 'A'), "p: plugins[0].file_sha256"},
          {"/plugins/0/file", "/etc/passwd", "p: plugins[0].file"},
          {"/plugins/0/file", file("/variants/../press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", file("/variants/./press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", file("/variants//press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", file("/variants/press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", file("/variants/v/../press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", file("/variants/v/x/press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", file("/variants/v/press_2.so"), "p: plugins[0].file"},
          {"/plugins/0/file", file("/built/v/press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", "store/" + std::string(64, '0') + "/variants/v/press_1.so",
           "p: plugins[0].file"},
          {"/plugins/0/file", file("/src/press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/file", "../" + file("/variants/v/press_1.so"), "p: plugins[0].file"},
          {"/plugins/0/built_here", 0, "p: plugins[0].built_here"},
          {"/plugins/0/repository", "\x1b[2J", "p: plugins[0].repository"},
          {"/plugins/0/location", std::string(4097, 'a'), "p: plugins[0].location"},
          {"/plugins/0/key", "\xE2\x80\xAE", "p: plugins[0].key"},
          {"/plugins/0/golden", "failed", "p: plugins[0].golden"},
          {"/plugins/0/extra", 1, "p: plugins[0]"},
          {"/extra", 1, "p"}};
}

TEST(ProfileText, RefusesEveryValueThatBreaksARule) {
  const Json whole = Json::parse(profile_text(whole_profile(), "p"));
  for (const BadValue& bad : bad_values()) {
    SCOPED_TRACE(std::string(bad.pointer) + " = " + bad.value.dump().substr(0, 100));
    Json json = whole;
    json[Json::json_pointer(bad.pointer)] = bad.value;
    EXPECT_EQ(bundle_problem([&] { parse_profile(json.dump(), "p"); }).where, bad.where);
  }
  for (const auto& [key, value] : whole.items()) {
    Json json = whole;
    json.erase(key);
    EXPECT_EQ(bundle_problem([&] { parse_profile(json.dump(), "p"); }).what, "a key is missing");
  }
  for (const auto& [key, value] : whole["plugins"][0].items()) {
    Json json = whole;
    json["plugins"][0].erase(key);
    EXPECT_EQ(bundle_problem([&] { parse_profile(json.dump(), "p"); }).what, "a key is missing");
  }
  Json twice = whole;
  twice["plugins"].push_back(whole["plugins"][0]);
  EXPECT_EQ(bundle_problem([&] { parse_profile(twice.dump(), "p"); }).what,
            "a version of a plugin is installed twice");
}

TEST(ProfileText, RefusesWhatIsNoProfileAtAll) {
  const std::string whole = profile_text(whole_profile(), "p");
  for (std::size_t size = 0; size + 1 < whole.size(); size += 7) {
    EXPECT_THROW(parse_profile(whole.substr(0, size), "p"), Error);
  }
  for (const std::string& text :
       {std::string(100'000, '['), whole + "x", whole + std::string(1, '\0'),
        "{\"schema\": \"pressroom.profile/1\", " + whole.substr(1), std::string("null"),
        std::string("[]"), std::string(kMostProfileBytes + 1, ' ')}) {
    EXPECT_THROW(parse_profile(text, "p"), Error);
  }
  Profile profile = whole_profile();
  profile.made_by = "two\nlines";
  EXPECT_EQ(bundle_problem([&] { profile_text(profile, "p"); }).where, "p: made_by");
}

}  // namespace
}  // namespace pressroom::store_profile_test
