// The manifest of a bundle: written in one way, read strictly, and as its schema says.
#include "bundle/bundle_manifest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "bundle_test_support.h"
#include "pressroom/sdk_version.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom::bundle_manifest_test {
namespace {

using Json = nlohmann::ordered_json;

const std::string kHash(64, 'b');

BundleManifest full_manifest() {
  BundleManifest manifest = small_manifest();
  manifest.files["README.md"] = {6, kHash, false};
  manifest.files["golden.json"] = {0, kHash, false};
  manifest.files["src/CMakeLists.txt"] = {13, kHash, false};
  manifest.files["src/check.sh"] = {17, kHash, true};
  manifest.files["variants/7.0-1.13-1017-cxx11-1-x86_64/h2o.so"] = {1 << 20, kHash, false};
  return manifest;
}

std::vector<std::string> errors_by_schema(const std::string& text) {
  return schema_errors(test_dir() / "../docs/schemas/bundle_manifest.schema.json", text);
}

TEST(Version, IsThreePlainNumbers) {
  for (const char* text : {"0.0.0", "1.10.0", "7.0.12", "999999999.0.1"}) {
    ASSERT_TRUE(parse_version(text)) << text;
    EXPECT_EQ(parse_version(text)->text(), text);
  }
  for (const char* text :
       {"",       "1",      "1.0",    "1.0.0.0",        "1..0",    ".1.0",        "1.0.",
        "1.0.0 ", " 1.0.0", "v1.0.0", "1.0.0-rc1",      "1.0.0+a", "01.0.0",      "1.00.0",
        "-1.0.0", "+1.0.0", "1,0,0",  "1.0.1000000000", "1.0.x",   "\xD9\xA1.0.0"}) {
    EXPECT_FALSE(parse_version(text)) << text;
  }
  EXPECT_FALSE(parse_version(std::string("1.0.0\0", 6)));
}

TEST(Version, IsOrderedByNumber) {
  const std::vector<std::string> sorted = {"0.0.1", "0.1.0", "0.9.12", "0.10.2", "1.0.0", "10.0.0"};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      const Version a = *parse_version(sorted[i]);
      const Version b = *parse_version(sorted[j]);
      EXPECT_EQ(a < b, i < j) << sorted[i] << " " << sorted[j];
      EXPECT_EQ(a <= b, i <= j);
      EXPECT_EQ(a > b, i > j);
      EXPECT_EQ(a >= b, i >= j);
      EXPECT_EQ(a == b, i == j);
      EXPECT_EQ(a != b, i != j);
    }
  }
}

TEST(Version, OfTheSdkLiesInARangeThatExcludesItsEnd) {
  EXPECT_FALSE(parse_sdk_version("7") || parse_sdk_version("7.0.0") || parse_sdk_version("7.x"));
  EXPECT_EQ(this_sdk().text(), PRESSROOM_SDK_VERSION);
  const SdkRange range = {*parse_sdk_version("6.9"), *parse_sdk_version("8.0")};
  const std::pair<const char*, bool> cases[] = {{"6.8", false}, {"6.9", true},  {"6.10", true},
                                                {"7.12", true}, {"8.0", false}, {"10.0", false}};
  for (const auto& [text, held] : cases) {
    EXPECT_EQ(range.holds(*parse_sdk_version(text)), held) << text;
  }
}

TEST(BundleManifest, HasOneTextInAFixedOrder) {
  BundleManifest manifest = full_manifest();
  manifest.files.erase("golden.json");
  manifest.files.erase("src/CMakeLists.txt");
  manifest.files.erase("variants/7.0-1.13-1017-cxx11-1-x86_64/h2o.so");
  EXPECT_EQ(bundle_manifest_text(manifest, "m"), R"({
  "schema": "pressroom.bundle/1",
  "name": "h2o",
  "kind": "method",
  "version": "1.1.0",
  "licence": "Apache-2.0",
  "authors": [
    "A. Author",
    "B. Author"
  ],
  "summary": "keeps what was attended to most",
  "paper": "https://arxiv.org/abs/2306.14048",
  "sdk": {
    "minimum": "7.0",
    "below": "8.0"
  },
  "source": {
    "commit": ")" + std::string(40, 'a') + R"(",
    "dirty": false
  },
  "files": [
    {
      "path": "README.md",
      "bytes": 6,
      "sha256": ")" + kHash + R"("
    },
    {
      "path": "src/check.sh",
      "bytes": 17,
      "sha256": ")" + kHash + R"(",
      "executable": true
    }
  ]
}
)");
}

TEST(BundleManifest, ComesBackAsItWasWritten) {
  std::vector<BundleManifest> manifests(4, full_manifest());
  manifests[1].source.reset();
  manifests[1].paper = "";
  manifests[2].kind = PluginKind::kDataset;
  manifests[2].source = BundleSource{std::string(64, '0'), true};
  manifests[2].files.clear();
  manifests[3].kind = PluginKind::kMetric;
  manifests[3].summary =
      "pr\xC3\xA9"
      "cis, \"quoted\" \\ \xE2\x89\xA4 1";
  manifests[3].files["src/big"] = {std::numeric_limits<std::int64_t>::max(), kHash, false};
  for (const BundleManifest& manifest : manifests) {
    const std::string text = bundle_manifest_text(manifest, "m");
    EXPECT_EQ(bundle_manifest_text(parse_bundle_manifest(text, "m"), "m"), text);
    EXPECT_EQ(errors_by_schema(text), std::vector<std::string>()) << text;
  }
  const BundleManifest read =
      parse_bundle_manifest(bundle_manifest_text(full_manifest(), "m"), "m");
  EXPECT_EQ(read.kind, PluginKind::kMethod);
  EXPECT_EQ(read.version, (Version{1, 1, 0}));
  EXPECT_EQ(read.authors, (std::vector<std::string>{"A. Author", "B. Author"}));
  EXPECT_TRUE(read.sdk.holds({7, 5}));
  EXPECT_FALSE(read.source->dirty);
  EXPECT_EQ(read.files.at("src/check.sh").bytes, 17);
  EXPECT_TRUE(read.files.at("src/check.sh").executable);
  EXPECT_EQ(bundle_file_name(read), "h2o-1.1.0.press.tar.zst");
}

TEST(BundleManifest, IsReadInAnyOrderAndLayout) {
  const Json json = Json::parse(bundle_manifest_text(full_manifest(), "m"));
  Json turned = Json::object();
  for (auto it = json.rbegin(); it != json.rend(); ++it) turned[it.key()] = it.value();
  std::reverse(turned["files"].begin(), turned["files"].end());
  EXPECT_EQ(bundle_manifest_text(parse_bundle_manifest(turned.dump(), "m"), "m"),
            bundle_manifest_text(full_manifest(), "m"));
}

struct Refusal {
  const char* pointer;  // what is put somewhere in a right manifest; "" with null: it is removed
  Json value;
  const char* where;
  const char* what;
  const char* got;
  bool schema_refuses = true;
};

std::vector<Refusal> refusals() {
  return {
      // of another type
      {"/name", 7, "m: name", "the bundle's manifest cannot be read", "7"},
      {"/version", 1.1, "m: version", "the bundle's manifest cannot be read", "1.1"},
      {"/authors", "A. Author", "m: authors", "the bundle's manifest cannot be read",
       "\"A. Author\""},
      {"/authors", Json::array({"A", 7}), "m: authors", "the bundle's manifest cannot be read",
       "[\"A\",7]"},
      {"/paper", nullptr, "m: paper", "the bundle's manifest cannot be read", "null"},
      {"/sdk", "7.0", "m: sdk", "the bundle's manifest cannot be read", "\"7.0\""},
      {"/source", nullptr, "m: source", "the bundle's manifest cannot be read", "null"},
      {"/source/dirty", 0, "m: source.dirty", "the bundle's manifest cannot be read", "0"},
      {"/files", Json::object(), "m: files", "the bundle's manifest cannot be read", "{}"},
      {"/files/1", "src/a", "m: files[1]", "the bundle's manifest cannot be read", "\"src/a\""},
      {"/files/0/bytes", "6", "m: files[0].bytes", "the bundle's manifest cannot be read", "\"6\""},
      {"/files/0/bytes", 6.0, "m: files[0].bytes", "the bundle's manifest cannot be read", "6.0"},
      {"/files/0/bytes", 18446744073709551615U, "m: files[0].bytes",
       "the bundle's manifest cannot be read", "18446744073709551615"},
      {"/files/0/executable", "yes", "m: files[0].executable",
       "the bundle's manifest cannot be read", "\"yes\""},
      // of another value
      {"/schema", "pressroom.bundle/2", "m: schema",
       "the bundle is of another version of the format", "\"pressroom.bundle/2\""},
      {"/name", "", "m: name", "the plugin's name cannot be used", "\"\""},
      {"/name", "H2O", "m: name", "the plugin's name cannot be used", "\"H2O\""},
      {"/name", "2h", "m: name", "the plugin's name cannot be used", "\"2h\""},
      {"/name", "h2o\n", "m: name", "the plugin's name cannot be used", "\"h2o\n\""},
      {"/name", "../h2o", "m: name", "the plugin's name cannot be used", "\"../h2o\""},
      {"/kind", "Method", "m: kind", "the plugin is of an unknown kind", "\"Method\""},
      {"/version", "1.1", "m: version", "this is no version", "\"1.1\""},
      {"/version", "1.1.0-rc1", "m: version", "this is no version", "\"1.1.0-rc1\""},
      {"/version", "1.01.0", "m: version", "this is no version", "\"1.01.0\""},
      {"/licence", "", "m: licence", "the text cannot be shown", "\"\""},
      {"/licence", "MIT\nor not", "m: licence", "the text cannot be shown", "\"MIT\nor not\"",
       false},
      {"/authors", Json::array(), "m: authors", "the bundle has no author", "an empty list"},
      {"/authors/1", "", "m: authors", "the text cannot be shown", "\"\""},
      {"/summary", "a \x1b[31m red one", "m: summary", "the text cannot be shown",
       "\"a \\x1b[31m red one\"", false},
      {"/summary", "turned \xE2\x80\xAE round", "m: summary", "the text cannot be shown",
       "\"turned \\u202e round\"", false},
      {"/paper", "a\tb", "m: paper", "the text cannot be shown", "\"a\tb\"", false},
      {"/sdk/minimum", "7", "m: sdk.minimum", "this is no version of the SDK", "\"7\""},
      {"/sdk/below", "7.0", "m: sdk", "no version of the SDK is in the range",
       "from 7.0, below 7.0", false},
      {"/source/commit", "8e2e244", "m: source.commit", "this is no commit of git", "\"8e2e244\""},
      {"/files/0/bytes", -1, "m: files, \"README.md\"", "a file has a size below nothing", "-1"},
      {"/files/0/sha256", std::string(63, 'b'), "m: files, \"README.md\"", "this is no SHA-256",
       nullptr},
      {"/files/0/sha256", std::string(64, 'B'), "m: files, \"README.md\"", "this is no SHA-256",
       nullptr},
      {"/files/0/sha256", std::string(63, 'b') + "\n", "m: files, \"README.md\"",
       "this is no SHA-256", nullptr},
      // paths; bundle_archive_test.cpp has all of them
      {"/files/0/path", "/etc/passwd", "m: files", "a file's name is absolute", "\"/etc/passwd\""},
      {"/files/0/path", "src/../a", "m: files", "a file's name leads out of the bundle",
       "\"src/../a\"", false},
      {"/files/0/path", "LICENSE", "m: files", "a file has no place in a bundle", "\"LICENSE\""},
      {"/files/0/path", "manifest.json", "m: files, \"manifest.json\"",
       "the manifest lists itself or its signature", "\"manifest.json\""},
      {"/files/0/path", "manifest.json.minisig", "m: files, \"manifest.json.minisig\"",
       "the manifest lists itself or its signature", "\"manifest.json.minisig\""},
      {"/files/0/path", "golden.json", "m: files[1].path", "the manifest lists a file twice",
       "\"golden.json\"", false},
      {"/files/0/path", "src/CMAKELISTS.txt", "m: files",
       "two names differ only in the case of letters", nullptr, false},
      {"/files/0/path", "src/check.sh/a", "m: files", "a name is that of a file and of a folder",
       nullptr, false},
      // unknown
      {"/license", "MIT", "m", "unknown key \"license\"", "license"},
      {"/files/2/sha265", kHash, "m: files[2]", "unknown key \"sha265\"", "sha265"},
      {"/sdk/maximum", "9.0", "m: sdk", "unknown key \"maximum\"", "maximum"},
      {"/source/branch", "main", "m: source", "unknown key \"branch\"", "branch"},
  };
}

TEST(BundleManifest, RefusesWhatIsWrongWithThePlaceAndTheValue) {
  for (const Refusal& refusal : refusals()) {
    Json json = Json::parse(bundle_manifest_text(full_manifest(), "m"));
    json[Json::json_pointer(refusal.pointer)] = refusal.value;
    const std::string text = json.dump();
    SCOPED_TRACE(std::string(refusal.pointer) + " " + refusal.value.dump());
    const Problem problem = bundle_problem([&] { parse_bundle_manifest(text, "m"); });
    EXPECT_EQ(problem.what, refusal.what);
    EXPECT_EQ(problem.where, refusal.where);
    if (refusal.got != nullptr) {
      EXPECT_EQ(problem.got, refusal.got);
    }
    EXPECT_EQ(!errors_by_schema(text).empty(), refusal.schema_refuses);
  }
}

TEST(BundleManifest, RefusesAMissingKey) {
  for (const char* pointer :
       {"/schema", "/name", "/kind", "/version", "/licence", "/authors", "/summary", "/paper",
        "/sdk", "/files", "/sdk/minimum", "/sdk/below", "/source/commit", "/source/dirty",
        "/files/3/path", "/files/3/bytes", "/files/3/sha256"}) {
    Json json = Json::parse(bundle_manifest_text(full_manifest(), "m"));
    const Json::json_pointer key(pointer);
    json[key.parent_pointer()].erase(key.back());
    const Problem problem = bundle_problem([&] { parse_bundle_manifest(json.dump(), "m"); });
    EXPECT_EQ(problem.what, "a key is missing") << pointer;
    EXPECT_TRUE(has(problem.where, key.back())) << problem.where;
    EXPECT_FALSE(errors_by_schema(json.dump()).empty()) << pointer;
  }
}

TEST(BundleManifest, SuggestsWhatWasMeant) {
  const std::pair<const char*, const char*> meant[] = {{"/license", "licence"},
                                                       {"/verison", "version"},
                                                       {"/files/0/size", ""},
                                                       {"/files/0/sha-256", "sha256"},
                                                       {"/author", "authors"}};
  for (const auto& [pointer, key] : meant) {
    Json json = Json::parse(bundle_manifest_text(full_manifest(), "m"));
    json[Json::json_pointer(pointer)] = "x";
    const Problem problem = bundle_problem([&] { parse_bundle_manifest(json.dump(), "m"); });
    const std::string suggestion = "did you mean \"" + std::string(key) + "\"?";
    EXPECT_EQ(problem.fix == suggestion, *key != '\0') << pointer << ": " << problem.fix;
  }
  Json json = Json::parse(bundle_manifest_text(full_manifest(), "m"));
  json["kind"] = "metrics";
  EXPECT_EQ(bundle_problem([&] { parse_bundle_manifest(json.dump(), "m"); }).fix,
            "did you mean \"metric\"?");
}

TEST(BundleManifest, RefusesWhatIsNoJsonObject) {
  const std::string whole = bundle_manifest_text(full_manifest(), "m");
  const std::pair<std::string, const char*> cases[] = {
      {"", "parse error"},
      {"[]", "[]"},
      {"null", "null"},
      {"\"pressroom.bundle/1\"", "\"pressroom.bundle/1\""},
      {whole + "{}", "parse error"},
      {whole + '\0', "a zero byte"},
      {whole + '\0' + "garbage", "a zero byte"},
      {replaced(whole, "A. Author", "\xFF"), "parse error"},
      {replaced(whole, "\"h2o\"", "\"h2o\", \"name\": \"other\""), "\"name\" twice in one object"},
      {replaced(whole, "\"bytes\": 13", "\"bytes\": 13, \"bytes\": 14"),
       "\"bytes\" twice in one object"},
      {std::string(100000, '['), "deep nesting"},
      {replaced(whole, "\"h2o\"", "[[[[[[]]]]]]"), "deep nesting"},
      {replaced(whole, "\"h2o\"", R"({"a":{"a":{"a":{"a":{}}}}})"), "deep nesting"}};
  for (const auto& [text, got] : cases) {
    // A name of its own: C++17 lets no lambda capture a part of a structured binding.
    const std::string& manifest = text;
    const Problem problem = bundle_problem([&] { parse_bundle_manifest(manifest, "m"); });
    EXPECT_EQ(problem.what, "the bundle's manifest cannot be read");
    EXPECT_TRUE(has(problem.got, got)) << problem.text();
  }
  for (std::size_t cut = 0; cut + 2 < whole.size(); ++cut) {
    EXPECT_THROW(parse_bundle_manifest(whole.substr(0, cut), "m"), Error) << cut;
  }
}

TEST(BundleManifest, IsAtMostAMegabyte) {
  std::string text = bundle_manifest_text(full_manifest(), "m");
  text.resize(kMostManifestBytes, ' ');
  EXPECT_EQ(parse_bundle_manifest(text, "m").name, "h2o");
  const Problem problem = bundle_problem([&] { parse_bundle_manifest(text + ' ', "m"); });
  EXPECT_EQ(problem.what, "the bundle's manifest is too long");
  EXPECT_EQ(problem.got, "1048577");
  BundleManifest long_one = full_manifest();
  long_one.summary = std::string(kMostManifestBytes, 'x');
  EXPECT_EQ(bundle_problem([&] { bundle_manifest_text(long_one, "m"); }).what,
            "the bundle's manifest is too long");
}

TEST(BundleManifest, IsNotWrittenWhereItCouldNotBeRead) {
  const std::pair<std::function<void(BundleManifest&)>, const char*> cases[] = {
      {[](BundleManifest& m) { m.name = "h-2-o"; }, "m: name"},
      {[](BundleManifest& m) { m.authors = {"\xFF"}; }, "m: authors"},
      {[](BundleManifest& m) { m.summary = "two\nlines"; }, "m: summary"},
      {[](BundleManifest& m) {
         m.sdk = {{8, 0}, {7, 0}};
       },
       "m: sdk"},
      {[](BundleManifest& m) { m.source->commit = "HEAD"; }, "m: source.commit"},
      {[](BundleManifest& m) {
         m.files["src/x"] = {1, "", false};
       },
       "m: files, \"src/x\""},
      {[](BundleManifest& m) {
         m.files["x"] = {1, kHash, false};
       },
       "m: files"}};
  for (const auto& [change, where] : cases) {
    BundleManifest manifest = full_manifest();
    change(manifest);
    EXPECT_EQ(bundle_problem([&] { bundle_manifest_text(manifest, "m"); }).where, where);
  }
}

// A value of a stranger's file is quoted, but not at any length.
TEST(BundleManifest, QuotesLittleOfALongValue) {
  for (const char* pointer : {"/name", "/version", "/kind", "/summary", "/files/0/path",
                              "/files/0/sha256", "/paper", "/unknown", "/sdk", "/files"}) {
    Json json = Json::parse(bundle_manifest_text(full_manifest(), "m"));
    json[Json::json_pointer(pointer)] = std::string(500000, 'x') + '\n';
    const Problem problem = bundle_problem([&] { parse_bundle_manifest(json.dump(), "m"); });
    EXPECT_LT(problem.text().size(), 1000U) << pointer;
  }
  Json json = Json::parse(bundle_manifest_text(full_manifest(), "m"));
  json[std::string(500000, 'k')] = 1;
  EXPECT_LT(bundle_problem([&] { parse_bundle_manifest(json.dump(), "m"); }).text().size(), 1000U);
}

}  // namespace
}  // namespace pressroom::bundle_manifest_test
