// The lock of a campaign's plugins: its text, read strictly, and what a host is held to by it.
#include "results/plugins_lock.h"

#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "base/sha256.h"
#include "bundle/variant.h"
#include "campaign/locked_plugins.h"
#include "plugin_test_support.h"
#include "results/unsigned_plugins.h"

namespace pressroom::plugins_lock_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Written by hand, after the description of the file.
Json lock_json() {
  return Json::parse(R"({
    "schema": "pressroom.lock/1", "pressroom": "0.1.0", "variant": "7.0-1.13-1017-cxx11-1-x86_64",
    "plugins": [
      {"kind": "method", "name": "dense", "version": "1.0.0", "origin": "built-in",
       "file_sha256": "1111111111111111111111111111111111111111111111111111111111111111"},
      {"kind": "method", "name": "my_press", "version": "1.2.0", "origin": "bundle",
       "file_sha256": "2222222222222222222222222222222222222222222222222222222222222222",
       "bundle_sha256": "3333333333333333333333333333333333333333333333333333333333333333",
       "repository": "lab", "location": "/srv/presses", "key": "RWTX"},
      {"kind": "method", "name": "my_press", "version": "1.10.0", "origin": "bundle",
       "file_sha256": "4444444444444444444444444444444444444444444444444444444444444444",
       "bundle_sha256": "5555555555555555555555555555555555555555555555555555555555555555",
       "location": "/home/ann/my_press-1.10.0.press.tar.zst", "unsigned": true},
      {"kind": "dataset", "name": "text", "version": "1.0.0", "origin": "folder",
       "file_sha256": "6666666666666666666666666666666666666666666666666666666666666666"}
    ]})");
}

std::string error_of_lock(const std::string& text) {
  try {
    parse_plugins_lock(text, "plugins.lock");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(PluginsLock, ReadsWhatItWrites) {
  const PluginsLock lock = parse_plugins_lock(lock_json().dump(), "plugins.lock");
  EXPECT_EQ(lock.pressroom, "0.1.0");
  EXPECT_EQ(lock.variant, "7.0-1.13-1017-cxx11-1-x86_64");
  ASSERT_EQ(lock.plugins.size(), 4U);
  EXPECT_EQ(lock.plugins[0].name, "text") << "by kind first";
  EXPECT_EQ(lock.plugins[1].name, "dense");
  EXPECT_EQ(lock.plugins[2].version, "1.10.0");
  EXPECT_TRUE(lock.plugins[2].is_unsigned());
  EXPECT_EQ(lock.plugins[3].repository, "lab");
  EXPECT_FALSE(lock.plugins[3].is_unsigned());
  const std::string text = plugins_lock_text(lock);
  EXPECT_EQ(plugins_lock_text(parse_plugins_lock(text, "plugins.lock")), text);
  EXPECT_EQ(unsigned_plugins(lock), std::vector<std::string>{"method my_press 1.10.0"});
  const fs::path schema = test_dir() / "../docs/schemas/plugins_lock.schema.json";
  EXPECT_TRUE(schema_errors(schema, text).empty()) << text;
}

TEST(PluginsLock, RefusesWhatBreaksARule) {
  struct Case {
    const char* pointer;  // to what is set
    Json value;           // null: it is taken away
    const char* said;
  };
  const Case cases[] = {
      {"/schema", "pressroom.lock/2", "another version"},
      {"/schema", nullptr, "schema: a key is missing"},
      {"/plugins", nullptr, "plugins: a key is missing"},
      {"/plugins", "none", "a list"},
      {"/plugins/0", 7, "an object"},
      {"/extra", 1, "unknown key"},
      {"/variant", "", "a line that a terminal can show"},
      {"/variant", "a\nb", "a line that a terminal can show"},
      {"/pressroom", "\x1b[2J", "a line that a terminal can show"},
      {"/pressroom", 1, "a text"},
      {"/plugins/1/kind", "model", "plugins[1].kind"},
      {"/plugins/1/name", "../x", "plugins[1].name"},
      {"/plugins/1/name", nullptr, "plugins[1].name: a key is missing"},
      {"/plugins/1/file_sha256", "22", "64 lower-case hex digits"},
      {"/plugins/1/bundle_sha256", nullptr, "bundle_sha256: a key is missing"},
      {"/plugins/1/origin", "folder", "of no bundle"},
      {"/plugins/1/origin", "moon", "built-in, folder, bundle"},
      {"/plugins/1/unsigned", true, "contradicts itself"},
      {"/plugins/1/key", nullptr, "contradicts itself"},
      {"/plugins/2/unsigned", nullptr, "contradicts itself"},
      {"/plugins/2/unsigned", 1, "true or false"},
      {"/plugins/2/unsigned", false, "contradicts itself"},
      {"/plugins/2/version", "1.2.0", "names a plugin twice"},
      {"/plugins/0/repository", "lab", "of no bundle"},
      {"/plugins/0/path", "x", "unknown key"},
      {"/plugins/0/name/deep", Json{{"er", {1}}}, ""},
  };
  for (const Case& one : cases) {
    Json json = lock_json();
    const Json::json_pointer pointer(one.pointer);
    const Json::json_pointer parent = pointer.parent_pointer();
    if (!json.at(parent).is_object() && !json.at(parent).is_array()) continue;
    if (one.value.is_null()) {
      json.at(parent).erase(pointer.back());
    } else {
      json[pointer] = one.value;
    }
    const std::string error = error_of_lock(json.dump());
    EXPECT_NE(error, "") << one.pointer;
    EXPECT_TRUE(has(error, one.said)) << one.pointer << ": " << error;
    EXPECT_TRUE(has(error, "plugins.lock")) << error;
  }
}

TEST(PluginsLock, RefusesTextsThatAreNoLock) {
  const std::string good = lock_json().dump();
  EXPECT_EQ(error_of_lock(good), "");
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_NE(error_of_lock(good.substr(0, length)), "") << length;
  }
  EXPECT_TRUE(has(error_of_lock(good + '\0'), "zero byte") ||
              has(error_of_lock(good + std::string(1, '\0')), "zero byte"));
  EXPECT_TRUE(has(error_of_lock(good + "{}"), "JSON"));
  EXPECT_TRUE(has(error_of_lock("{\"schema\": 1, \"schema\": 2}"), "twice"));
  EXPECT_TRUE(has(error_of_lock(std::string(100000, '[')), "deep nesting"));
  EXPECT_TRUE(has(error_of_lock(std::string((1 << 20) + 1, ' ')), "too long"));
}

TEST(PluginsLock, IsNotReadFromWhatIsNoFile) {
  const ScratchFolder scratch;
  EXPECT_THROW(read_plugins_lock(scratch.path() / "plugins.lock"), Error);
  fs::create_directory(scratch.path() / "plugins.lock");
  EXPECT_THROW(read_plugins_lock(scratch.path() / "plugins.lock"), Error);
  write_file(scratch.path() / "large", std::string((1 << 20) + 1, ' '));
  EXPECT_THROW(read_plugins_lock(scratch.path() / "large"), Error);
}

std::string good_method_of(const std::string& version) {
  return replaced(read_file(zoo() / "good_method.so"), "1.2.3", version);
}

// A host with good_method 1.2.3 in a folder, and 1.2.5 and 2.0.0 installed.
class HeldHost : public testing::Test {
 protected:
  HeldHost() {
    write_file(scratch_.path() / "folder/good_method.so", good_method_of("1.2.3"));
    host_.emplace(std::vector<fs::path>{scratch_.path() / "folder"},
                  std::vector<VouchedPlugin>{install("1.2.5", "RWTX"), install("2.0.0", "")});
  }

  VouchedPlugin install(const std::string& version, const std::string& key) const {
    VouchedPlugin plugin;
    plugin.name = "good_method";
    plugin.version = version;
    plugin.file = scratch_.path() / "store" / version / "good_method.so";
    plugin.file_sha256 = sha256_hex(good_method_of(version));
    plugin.origin.bundle_sha256 = sha256_hex("bundle " + version);
    plugin.origin.repository = "lab";
    plugin.origin.key = key;
    write_file(plugin.file, good_method_of(version));
    return plugin;
  }

  static PluginsLock lock_of_uses(const std::vector<std::string>& references,
                                  const PluginHost& host) {
    CampaignConfig config;
    for (const std::string& reference : references) {
      PluginUse use;
      use.name = reference;
      config.methods.push_back(use);
    }
    return lock_of(config, host);
  }
  PluginsLock locked(const std::vector<std::string>& references) const {
    return lock_of_uses(references, *host_);
  }
  LockDifferences differences(const PluginsLock& lock) const {
    return lock_differences(lock, *host_, lock_file());
  }
  std::string problem_text(const PluginsLock& lock) const {
    std::string text =
        error_text(scratch_.path(), [&] { throw Error(differences(lock).problems); });
    const std::string variant = variant_name();
    text = std::regex_replace(text, std::regex("[0-9a-f]{64}"), "HASH");
    return replaced(text, variant, "VARIANT");
  }
  fs::path lock_file() const { return scratch_.path() / "plugins.lock"; }

  ScratchFolder scratch_;
  std::optional<PluginHost> host_;
};

TEST_F(HeldHost, IsLockedByWhatItsNamesMean) {
  const PluginsLock lock = locked({"good_method@1", "good_method@2", "good_method@1.2.5"});
  ASSERT_EQ(lock.plugins.size(), 2U) << "one that is used twice is there once";
  EXPECT_EQ(lock.plugins[0].version, "1.2.5");
  EXPECT_EQ(lock.plugins[0].origin, "bundle");
  EXPECT_EQ(lock.plugins[0].bundle_sha256, sha256_hex("bundle 1.2.5"));
  EXPECT_EQ(lock.plugins[0].file_sha256, sha256_hex(good_method_of("1.2.5")));
  EXPECT_EQ(lock.plugins[0].key, "RWTX");
  EXPECT_TRUE(lock.plugins[1].is_unsigned());
  EXPECT_EQ(lock.variant, variant_name());
  EXPECT_EQ(locked({"good_method"}).plugins[0].origin, "folder");
  EXPECT_EQ(parse_plugins_lock(plugins_lock_text(lock), "x").plugins.size(), 2U);
}

TEST_F(HeldHost, LocksMethodsInMethods) {
  CampaignConfig config;
  PluginUse inner;
  inner.name = "good_method@2";
  PluginUse outer;
  outer.name = "good_method";
  outer.inner["inner"] = std::make_shared<const PluginUse>(inner);
  config.methods.push_back(outer);
  const PluginsLock lock = lock_of(config, *host_);
  ASSERT_EQ(lock.plugins.size(), 2U);
  EXPECT_EQ(lock.plugins[1].version, "2.0.0");
}

TEST_F(HeldHost, MeansTheVersionsOfItsLock) {
  write_file(lock_file(), plugins_lock_text(locked({"good_method@1.2.5"})));
  EXPECT_TRUE(hold_to_lock(lock_file(), *host_).empty());
  EXPECT_EQ(host_->find(PluginKind::kMethod, "good_method").version, "1.2.5");
  EXPECT_THROW(host_->find(PluginKind::kMethod, "good_method@2"), Error);
}

TEST_F(HeldHost, TakesTheSameBitsWhereverTheyComeFrom) {
  PluginsLock lock = locked({"good_method@1.2.5"});
  lock.plugins[0].origin = kFromFolder;
  lock.plugins[0].bundle_sha256 = lock.plugins[0].key = lock.plugins[0].repository = "";
  EXPECT_TRUE(differences(lock).problems.empty());
  lock.plugins[0].origin = kBuiltIn;
  EXPECT_TRUE(differences(lock).problems.empty());
}

TEST_F(HeldHost, RefusesOtherBitsWithTheCommandThatGetsTheRightOnes) {
  PluginsLock bundle = locked({"good_method@1.2.5"});
  bundle.plugins[0].file_sha256 = std::string(64, '0');
  expect_approved("lock_bundle_differs", problem_text(bundle));
  PluginsLock gone = locked({"good_method@1.2.5"});
  gone.plugins[0].version = "1.4.0";
  expect_approved("lock_version_missing", problem_text(gone));
  gone.plugins[0].name = "my_press";
  expect_approved("lock_name_missing", problem_text(gone));
  PluginsLock folder = locked({"good_method"});
  folder.plugins[0].file_sha256 = std::string(64, '0');
  expect_approved("lock_folder_differs", problem_text(folder));
  folder.plugins[0].origin = kBuiltIn;
  expect_approved("lock_built_in_differs", problem_text(folder));
  EXPECT_EQ(differences(folder).records.size(), 0U);
}

TEST_F(HeldHost, TakesTheSameBundleUnderAnotherVariantAndSaysSo) {
  PluginsLock lock = locked({"good_method@1.2.5"});
  lock.plugins[0].file_sha256 = std::string(64, '0');
  lock.variant = "8.0-2.1-1018-cxx11-1-x86_64";
  const LockDifferences found = differences(lock);
  EXPECT_TRUE(found.problems.empty());
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_TRUE(has(found.warnings[0], "not the same to the bit")) << found.warnings[0];
  EXPECT_EQ(found.records.size(), 1U);
  lock.plugins[0].bundle_sha256 = std::string(64, '1');
  EXPECT_EQ(differences(lock).problems.size(), 1U) << "another bundle of the same version";
  PluginsLock folder = locked({"good_method"});
  folder.variant = lock.variant;
  EXPECT_TRUE(differences(folder).problems.empty()) << "the same bits are the same everywhere";
  folder.plugins[0].file_sha256 = std::string(64, '0');
  EXPECT_EQ(differences(folder).problems.size(), 1U);
}

TEST_F(HeldHost, SaysEveryDifferenceAndRunsNoCode) {
  const char* const mark = "PRESSROOM_ZOO_STATIC_CONSTRUCTOR_RAN";
  ASSERT_EQ(unsetenv(mark), 0);
  PluginHost host({zoo()});
  CampaignConfig config;
  PluginUse use;
  use.name = "static_constructor";
  config.methods.push_back(use);
  PluginsLock lock = lock_of(config, host);
  LockedPlugin other = lock.plugins[0];
  other.name = "nowhere";
  lock.plugins.push_back(other);
  lock.plugins[0].file_sha256 = std::string(64, '0');
  EXPECT_EQ(lock_differences(lock, host, "plugins.lock").problems.size(), 2U);
  EXPECT_EQ(std::getenv(mark), nullptr);
}

TEST(UnsignedPlugins, AreFoundInTheProvenance) {
  const Json provenance = Json::parse(R"({
    "methods": {
      "a": {"name": "my_press", "version": "1.2.0", "origin": {"unsigned": true},
            "inner": {"inner": {"name": "b", "version": "2.0.0", "origin": {"unsigned": true}}}},
      "c": {"name": "my_press", "version": "1.2.0", "origin": {"unsigned": true}},
      "d": {"name": "d", "version": "1.0.0", "origin": {"key": "RW"}},
      "e": {"name": "e", "version": "1.0.0", "origin": "built-in"},
      "f": 7, "g": {"name": 5, "origin": {"unsigned": true}}},
    "metrics": [1], "datasets": {"x": {"name": "x", "origin": {"unsigned": "true"}}}})");
  EXPECT_EQ(unsigned_plugins(provenance),
            (std::vector<std::string>{"method b 2.0.0", "method my_press 1.2.0",
                                      "method unknown unknown"}));
  EXPECT_TRUE(unsigned_plugins(Json::array()).empty());
  EXPECT_EQ(unsigned_alert({}), "");
  EXPECT_EQ(unsigned_alert({"method b 2.0.0", "metric c 1.0.0"}),
            "unsigned: method b 2.0.0, metric c 1.0.0 - nobody vouched for these plugins");
}

TEST(PluginOrigin, IsRecordedAsItsSchemaSays) {
  PluginRecord record;
  record.file = "/nowhere/a.so";
  EXPECT_EQ(origin_json(record), "folder");
  record.file = plugin_dir() / "pressroom_method_h2o.so";
  record.origin.emplace();
  record.origin->bundle_sha256 = std::string(64, 'a');
  record.origin->repository = "lab";
  record.origin->location = "/srv/presses";
  record.origin->golden = "passed";
  EXPECT_EQ(origin_json(record)["unsigned"], true);
  EXPECT_EQ(origin_text(*record.origin), "repository lab, unsigned");
  record.origin->key = "RWTX";
  EXPECT_FALSE(origin_json(record).contains("unsigned"));
  EXPECT_EQ(origin_json(record)["key"], "RWTX");
  record.origin->repository = "";
  EXPECT_EQ(origin_text(*record.origin), "bundle /srv/presses");
}

}  // namespace
}  // namespace pressroom::plugins_lock_test
