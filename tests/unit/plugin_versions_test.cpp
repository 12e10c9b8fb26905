// Which of several versions of a plugin the host means, and what it makes of installed files.
#include <map>

#include "base/sha256.h"
#include "plugin/plugin_reference.h"
#include "plugin_test_support.h"

namespace pressroom::plugin_versions_test {
namespace {

namespace fs = std::filesystem;

// good_method of the zoo as if it had been built in another version of as many letters.
std::string good_method_of(const std::string& version) {
  return replaced(read_file(zoo() / "good_method.so"), "1.2.3", version);
}

// A folder with plugins, and a store with some that are installed.
class Places {
 public:
  fs::path folder() const { return scratch_.path() / "folder"; }

  void put_into_folder(const std::string& version) const {
    write_file(folder() / "good_method.so", good_method_of(version));
  }

  VouchedPlugin install(const std::string& version, const std::string& bytes,
                        const std::string& copy = "") const {
    VouchedPlugin plugin;
    plugin.name = "good_method";
    plugin.version = version;
    plugin.file = scratch_.path() / "store" / (version + copy) / "good_method.so";
    plugin.file_sha256 = sha256_hex(bytes);
    plugin.origin.bundle_sha256 = sha256_hex("bundle of " + version + copy);
    plugin.origin.repository = "lab";
    plugin.origin.key = "RWQ";
    write_file(plugin.file, bytes);
    return plugin;
  }
  VouchedPlugin install(const std::string& version) const {
    return install(version, good_method_of(version));
  }

  std::string error(const PluginHost& host, const std::string& reference) const {
    return error_text(scratch_.path(), [&] { host.find(PluginKind::kMethod, reference); });
  }
  const fs::path& path() const { return scratch_.path(); }

 private:
  ScratchFolder scratch_;
};

std::string version_of(const PluginHost& host, const std::string& reference) {
  const PluginRecord& record = host.find(PluginKind::kMethod, reference);
  return record.version + (record.origin ? " installed" : " in a folder");
}

TEST(PluginReference, IsANameOrANameAndAVersion) {
  EXPECT_EQ(parse_plugin_reference("h2o").name, "h2o");
  EXPECT_EQ(parse_plugin_reference("h2o").version, "");
  EXPECT_EQ(parse_plugin_reference("h2o@1.2.0-rc_1+x").name, "h2o");
  EXPECT_EQ(parse_plugin_reference("h2o@1.2.0-rc_1+x").version, "1.2.0-rc_1+x");
  EXPECT_EQ(reference_text(parse_plugin_reference("h2o@1.2")), "h2o@1.2");
  for (const char* wrong : {"@", "@1", "h2o@", "h2o@1@2", "h2o@1..2", "h2o@.1", "h2o@1.", "h2o@ 1",
                            "h2o@1/../2", "h2o@\x1b[31m"}) {
    EXPECT_THROW(parse_plugin_reference(wrong), Error) << wrong;
  }
}

TEST(PluginVersion, IsOrderedByNumbers) {
  const char* const ascending[] = {"rc",
                                   "1",
                                   "1.0",
                                   "1.0.0",
                                   "1.0.1",
                                   "1.1.rc",
                                   "1.1.0",
                                   "1.2.3",
                                   "1.9.3",
                                   "1.10.0",
                                   "2.0.0",
                                   "10.0.0",
                                   "10.0.99999999999999999999999",
                                   "10.0.100000000000000000000000"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      EXPECT_EQ(is_older_version(ascending[i], ascending[j]), i < j)
          << ascending[i] << ' ' << ascending[j];
    }
  }
  EXPECT_TRUE(version_begins_with("1.2.10", "1"));
  EXPECT_TRUE(version_begins_with("1.2.10", "1.2.10"));
  EXPECT_FALSE(version_begins_with("1.2.10", "1.2.1"));
  EXPECT_FALSE(version_begins_with("1.2", "1.2.0"));
  EXPECT_FALSE(version_begins_with("11.2", "1"));
}

TEST(PluginVersions, AreChosenByTheHighestThatBeginsSo) {
  const Places places;
  const PluginHost host({}, {places.install("1.2.4"), places.install("1.9.0"),
                             places.install("2.0.1"), places.install("1.2.9")});
  EXPECT_TRUE(host.refused().empty());
  const std::map<std::string, std::string> meant = {
      {"good_method", "2.0.1"},       {"good_method@1", "1.9.0"},     {"good_method@2", "2.0.1"},
      {"good_method@1.2", "1.2.9"},   {"good_method@1.2.4", "1.2.4"}, {"good_method@1.9", "1.9.0"},
      {"good_method@2.0.1", "2.0.1"},
  };
  for (const auto& [reference, version] : meant) {
    EXPECT_EQ(version_of(host, reference), version + " installed") << reference;
  }
  EXPECT_EQ(host.names(PluginKind::kMethod), std::vector<std::string>{"good_method"});
  std::vector<std::string> listed;
  for (const PluginRecord& record : host.plugins()) listed.push_back(record.version);
  EXPECT_EQ(listed, (std::vector<std::string>{"2.0.1", "1.9.0", "1.2.9", "1.2.4"}));
}

TEST(PluginVersions, OfAFolderAreWhatTheNameMeans) {
  const Places places;
  places.put_into_folder("1.2.3");
  const PluginHost host({places.folder()}, {places.install("1.2.2"), places.install("1.2.3"),
                                            places.install("1.4.0")});
  EXPECT_TRUE(host.refused().empty());
  EXPECT_EQ(version_of(host, "good_method"), "1.2.3 in a folder");
  EXPECT_EQ(version_of(host, "good_method@1"), "1.4.0 installed");
  EXPECT_EQ(version_of(host, "good_method@1.2"), "1.2.3 in a folder");
  EXPECT_EQ(version_of(host, "good_method@1.2.2"), "1.2.2 installed");
  EXPECT_EQ(host.plugins().front().version, "1.2.3") << "what the name means is listed first";
  for (const PluginRecord& record : host.plugins()) {
    const PluginRecord& again = host.find(PluginKind::kMethod, reference_to(record));
    const bool is_hidden = record.origin && record.version == "1.2.3";
    EXPECT_EQ(&again == &record, !is_hidden) << reference_to(record);
  }
}

TEST(PluginVersions, RunTheCodeOfTheirOwnFiles) {
  const Places places;
  PluginHost host({}, {places.install("1.2.4"), places.install("1.9.0")});
  host.set_trial(Trial::kRefuse);
  std::vector<std::string> tried;
  host.on_trial([&](PluginKind, const std::string& name, const std::optional<Problem>& problem) {
    EXPECT_FALSE(problem);
    tried.push_back(name);
  });
  EXPECT_NE(host.make_method("good_method@1.2"), nullptr);
  EXPECT_NE(host.make_method("good_method"), nullptr);
  EXPECT_EQ(tried, (std::vector<std::string>{"good_method@1.2.4", "good_method@1.9.0"}));
  EXPECT_EQ(host.sha256(PluginKind::kMethod, "good_method@1.2"),
            sha256_hex(good_method_of("1.2.4")));
  EXPECT_EQ(host.sha256(PluginKind::kMethod, "good_method"), sha256_hex(good_method_of("1.9.0")));
}

TEST(PluginVersions, ThatAreNotThereAreToldWithTheCommandThatGetsThem) {
  const Places places;
  const PluginHost host({}, {places.install("1.2.4"), places.install("1.9.0")});
  expect_approved("unknown_version", places.error(host, "good_method@1.3"));
  expect_approved("unknown_name_and_version", places.error(host, "cake@2"));
  expect_approved("no_reference", places.error(host, "good_method@"));
  EXPECT_TRUE(has(places.error(host, "good_metho@1"), "did you mean \"good_method\"?"));
}

TEST(PluginVersions, ThatDoNotFitArePassedOver) {
  const Places places;
  const std::string misfit =
      replaced(good_method_of("2.0.0"), "\nsdk=" PRESSROOM_SDK_VERSION "\n",
               "\nsdk=9" + std::string(PRESSROOM_SDK_VERSION).substr(1) + "\n");
  const PluginHost host({}, {places.install("1.2.4"), places.install("2.0.0", misfit)});
  EXPECT_EQ(version_of(host, "good_method"), "1.2.4 installed");
  EXPECT_EQ(host.refused().size(), 1U);
  EXPECT_TRUE(has(places.error(host, "good_method@2"), "was built for another plugin SDK"));
}

// A folder's plugin that does not fit holds its name (as it did), but no version that is asked for.
TEST(PluginVersions, AreThereWhereAMisfitHoldsTheName) {
  const Places places;
  write_file(places.folder() / "good_method.so",
             replaced(good_method_of("1.2.3"), "\nsdk=" PRESSROOM_SDK_VERSION "\n",
                      "\nsdk=9" + std::string(PRESSROOM_SDK_VERSION).substr(1) + "\n"));
  const PluginHost host({places.folder()}, {places.install("1.9.0"), places.install("1.2.3")});
  EXPECT_TRUE(has(places.error(host, "good_method"), "was built for another plugin SDK"));
  EXPECT_TRUE(has(places.error(host, "good_method@1.2.3"), "was built for another plugin SDK"));
  EXPECT_EQ(version_of(host, "good_method@1.9"), "1.9.0 installed");
}

TEST(PluginVersions, ThatTwoFilesOfferAreADuplicate) {
  const Places places;
  const VouchedPlugin one = places.install("1.2.4");
  const VouchedPlugin other = places.install("1.2.4", good_method_of("1.2.4") + "!", "-again");
  const PluginHost host({}, {one, other, places.install("1.1.0")});
  EXPECT_TRUE(has(places.error(host, "good_method"), "is offered by more than one file"));
  EXPECT_TRUE(has(places.error(host, "good_method@1.2.4"), "is offered by more than one file"));
  EXPECT_EQ(version_of(host, "good_method@1.1"), "1.1.0 installed");
  const PluginHost twice({}, {one, one});
  EXPECT_EQ(version_of(twice, "good_method"), "1.2.4 installed");
}

TEST(InstalledPlugin, IsRefusedWhereItsFileIsMissing) {
  const Places places;
  const VouchedPlugin gone = places.install("1.9.0");
  fs::remove(gone.file);
  const PluginHost host({}, {gone, places.install("1.2.4")});
  EXPECT_EQ(host.refused().size(), 1U);
  expect_approved("installed_file_missing", places.error(host, "good_method"));
  EXPECT_EQ(version_of(host, "good_method@1.2"), "1.2.4 installed");
}

TEST(InstalledPlugin, IsRefusedWhereItsFileIsAnotherPlugin) {
  const Places places;
  const PluginHost host({}, {places.install("1.9.0", good_method_of("1.2.4"))});
  expect_approved("installed_file_of_another", places.error(host, "good_method"));
  const PluginHost no_plugin({}, {places.install("1.9.0", "no shared object")});
  EXPECT_EQ(no_plugin.refused().size(), 1U);
  EXPECT_FALSE(places.error(no_plugin, "good_method").empty());
}

TEST(InstalledPlugin, RunsNoCodeOfAFileThatIsNotWhatWasInstalled) {
  const char* const mark = "PRESSROOM_ZOO_STATIC_CONSTRUCTOR_RAN";
  const Places places;
  const std::string bytes = read_file(zoo() / "static_constructor.so");
  for (const Trial trial : {Trial::kNone, Trial::kRefuse, Trial::kStandIn}) {
    ASSERT_EQ(unsetenv(mark), 0);
    VouchedPlugin plugin = places.install("1.0.0", bytes);
    plugin.name = "static_constructor";
    plugin.version = read_manifest(plugin.file).version;
    write_file(plugin.file, bytes + "!");
    PluginHost host({}, {plugin});
    host.set_trial(trial);
    int tries = 0;
    host.on_trial([&](PluginKind, const std::string&, const std::optional<Problem>&) { ++tries; });
    std::string text = error_text(places.path(), [&] { host.make_method("static_constructor"); });
    text = replaced(text, sha256_hex(bytes), "INSTALLED");
    text = replaced(text, sha256_hex(bytes + "!"), "FOUND");
    expect_approved("installed_file_changed", text);
    EXPECT_THROW(host.describe(PluginKind::kMethod, "static_constructor"), Error);
    EXPECT_EQ(std::getenv(mark), nullptr);
    EXPECT_EQ(tries, 0);
  }
}

TEST(PluginHold, MeansTheChosenPluginsAndNoOther) {
  const Places places;
  places.put_into_folder("1.2.3");
  write_file(places.folder() / "good_metric.so", read_file(zoo() / "good_metric.so"));
  PluginHost host({places.folder()},
                  {places.install("1.2.3"), places.install("1.2.5"), places.install("2.0.0")});
  std::vector<const PluginRecord*> chosen;
  for (const PluginRecord& record : host.plugins()) {
    if (record.origin && record.version != "2.0.0") chosen.push_back(&record);
  }
  host.hold_to(chosen, places.path() / "plugins.lock");
  EXPECT_EQ(version_of(host, "good_method"), "1.2.5 installed");
  EXPECT_EQ(version_of(host, "good_method@1"), "1.2.5 installed");
  EXPECT_EQ(version_of(host, "good_method@1.2.3"), "1.2.3 installed");
  EXPECT_NE(host.make_method("good_method"), nullptr);
  expect_approved("not_locked", places.error(host, "good_method@2"));
  EXPECT_THROW(host.make_metric("good_metric"), Error);
}

}  // namespace
}  // namespace pressroom::plugin_versions_test
