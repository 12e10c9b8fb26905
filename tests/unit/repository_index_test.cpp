// The index of a repository: written in one way, read strictly, and as its schema says.
#include "repository/repository_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "bundle_test_support.h"
#include "repository/judged_bundle.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom::repository_index_test {
namespace {

using Json = nlohmann::ordered_json;

const std::string kSha(64, 'c');
const UtcTime kFar = {253402300799};  // 9999-12-31T23:59:59Z
// As `minisign -G` printed them.
constexpr const char* kKeyLine = "RWTXSxLGGK+J3i4vBlKsaI7vSuTdLG1doGOIk57Vpm/fxIhCAt0aJ8td";

PublicKey key_numbered(unsigned char number) {
  PublicKey key;
  key.id[0] = number;
  key.key[0] = number;
  return key;
}

IndexedBundle bundle_named(const std::string& name, const Version& version) {
  IndexedBundle bundle;
  bundle.file = "bundles/" + name + '-' + version.text() + ".press.tar.zst";
  bundle.bytes = 51234;
  bundle.sha256 = kSha;
  bundle.name = name;
  bundle.version = version;
  bundle.licence = "Apache-2.0";
  bundle.authors = {"A. Author"};
  bundle.summary = "keeps what was attended to most";
  bundle.sdk = {{7, 0}, {8, 0}};
  bundle.variants = {"7.0-1.13-1017-cxx11-1-x86_64"};
  return bundle;
}

RepositoryIndex full_index() {
  RepositoryIndex index;
  index.serial = 12;
  index.expires = *parse_utc_time("2027-05-01T00:00:00Z");
  index.keys = {
      {PublicKey::parse(kKeyLine, "k"), "A. Author", parse_utc_time("2028-01-01T00:00:00Z"), false},
      {key_numbered(1), "B. Author", {}, true}};
  index.bundles = {bundle_named("my_press", {1, 10, 0}), bundle_named("my_press", {1, 2, 0}),
                   bundle_named("h2o", {0, 1, 0})};
  return index;
}

std::vector<std::string> errors_by_schema(const std::string& text) {
  return schema_errors(test_dir() / "../docs/schemas/repository_index.schema.json", text);
}

TEST(RepositoryIndex, HasOneTextInAFixedOrder) {
  RepositoryIndex index = full_index();
  index.bundles.erase(index.bundles.begin() + 1, index.bundles.end());
  EXPECT_EQ(repository_index_text(index, "i"), R"({
  "schema": "pressroom.repository/1",
  "serial": 12,
  "expires": "2027-05-01T00:00:00Z",
  "keys": [
    {
      "key": "RWTXSxLGGK+J3i4vBlKsaI7vSuTdLG1doGOIk57Vpm/fxIhCAt0aJ8td",
      "owner": "A. Author",
      "expires": "2028-01-01T00:00:00Z"
    },
    {
      "key": "RWQBAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "owner": "B. Author",
      "revoked": true
    }
  ],
  "bundles": [
    {
      "file": "bundles/my_press-1.10.0.press.tar.zst",
      "bytes": 51234,
      "sha256": ")" + kSha + R"(",
      "name": "my_press",
      "kind": "method",
      "version": "1.10.0",
      "licence": "Apache-2.0",
      "authors": [
        "A. Author"
      ],
      "summary": "keeps what was attended to most",
      "paper": "",
      "sdk": {
        "minimum": "7.0",
        "below": "8.0"
      },
      "variants": [
        "7.0-1.13-1017-cxx11-1-x86_64"
      ]
    }
  ]
}
)");
}

TEST(RepositoryIndex, ComesBackAsItWasWrittenWithBundlesByNameAndVersion) {
  std::vector<RepositoryIndex> indexes(3, full_index());
  std::reverse(indexes[1].bundles.begin(), indexes[1].bundles.end());
  indexes[2] = {};
  indexes[2].serial = kHighestSerial;
  indexes[2].expires = *parse_utc_time("9999-12-31T23:59:59Z");
  for (const RepositoryIndex& index : indexes) {
    const std::string text = repository_index_text(index, "i");
    EXPECT_EQ(repository_index_text(parse_repository_index(text, "i"), "i"), text);
    EXPECT_EQ(errors_by_schema(text), std::vector<std::string>()) << text;
  }
  EXPECT_EQ(repository_index_text(indexes[0], "i"), repository_index_text(indexes[1], "i"));
  const RepositoryIndex read =
      parse_repository_index(repository_index_text(full_index(), "i"), "i");
  ASSERT_EQ(read.bundles.size(), 3U);
  EXPECT_EQ(read.bundles[0].name, "h2o");
  EXPECT_EQ(read.bundles[1].version.text(), "1.2.0");
  EXPECT_EQ(read.bundles[2].version.text(), "1.10.0");
  EXPECT_EQ(read.keys[0].owner, "A. Author");
  EXPECT_EQ(read.keys[0].expires->text(), "2028-01-01T00:00:00Z");
  EXPECT_TRUE(read.keys[1].revoked);
}

TEST(RepositoryIndex, FindsTheNewestOfANameOrAVersion) {
  const RepositoryIndex index = full_index();
  EXPECT_EQ(index.find("my_press")->version.text(), "1.10.0");
  EXPECT_EQ(index.find("my_press", Version{1, 2, 0})->version.text(), "1.2.0");
  EXPECT_EQ(index.find("my_press", Version{1, 3, 0}), nullptr);
  EXPECT_EQ(index.find("my_pres"), nullptr);
  ASSERT_EQ(index.versions_of("my_press").size(), 2U);
  EXPECT_EQ(index.versions_of("my_press")[0]->version.text(), "1.10.0");
}

struct Refusal {
  const char* pointer;  // what is put somewhere in a right index
  Json value;
  const char* where;
  const char* what;
  bool schema_refuses = true;
};

std::vector<Refusal> refusals() {
  const char* const unreadable = "the repository's index cannot be read";
  const char* const elsewhere = "a bundle's file is not in the repository's folder of bundles";
  const char* const other_name = "a bundle's file has another name than its plugin";
  return {
      // of another type
      {"/serial", "12", "i: serial", unreadable},
      {"/serial", 12.0, "i: serial", unreadable},
      {"/expires", 1809129600, "i: expires", unreadable},
      {"/keys", Json::object(), "i: keys", unreadable},
      {"/keys/0", kKeyLine, "i: keys[0]", unreadable},
      {"/bundles", nullptr, "i: bundles", unreadable},
      {"/bundles/0/bytes", "1", "i: bundles[0].bytes", unreadable},
      {"/bundles/0/bytes", 18446744073709551615U, "i: bundles[0].bytes", unreadable},
      {"/bundles/0/variants", "x", "i: bundles[0].variants", unreadable},
      {"/keys/1/revoked", 1, "i: keys[1].revoked", unreadable},
      // of another value
      {"/schema", "pressroom.repository/2", "i: schema",
       "the repository is of another version of the format"},
      {"/serial", 0, "i: serial", "the serial number is out of range"},
      {"/serial", -1, "i: serial", "the serial number is out of range"},
      {"/serial", 9007199254740992, "i: serial", "the serial number is out of range"},
      {"/expires", "2027-05-01", "i: expires", "this is no moment"},
      {"/expires", "2027-02-30T00:00:00Z", "i: expires", "this is no moment", false},
      {"/keys/0/key", "RW", "i: keys[0].key", "this is no public key"},
      {"/keys/0/key", std::string(kKeyLine) + "\n", "i: keys[0].key", "this is no public key"},
      {"/keys/0/key", std::string("untrusted comment: a\n") + kKeyLine, "i: keys[0].key",
       "this is no public key"},
      {"/keys/0/owner", "two\nlines", "i: keys", "a key's owner cannot be shown", false},
      {"/keys/0/expires", "never", "i: keys[0].expires", "this is no moment"},
      {"/keys/1/key", kKeyLine, "i: keys", "a key is there twice", false},
      {"/bundles/0/file", "bundles/../h2o-0.1.0.press.tar.zst", "i: bundles[0].file", elsewhere},
      {"/bundles/0/file", "../bundles/h2o-0.1.0.press.tar.zst", "i: bundles[0].file", elsewhere},
      {"/bundles/0/file", "/etc/passwd", "i: bundles[0].file", elsewhere},
      {"/bundles/0/file", "h2o-0.1.0.press.tar.zst", "i: bundles[0].file", elsewhere},
      {"/bundles/0/file", "https://elsewhere.example/h2o", "i: bundles[0].file", elsewhere},
      {"/bundles/0/file", "", "i: bundles[0].file", elsewhere},
      {"/bundles/0/file", "bundles/h2o-0.1.1.press.tar.zst", "i: bundles[0].file", other_name,
       false},
      {"/bundles/0/file", "bundles//h2o-0.1.0.press.tar.zst", "i: bundles[0].file", other_name},
      {"/bundles/0/file", "bundles/a/h2o-0.1.0.press.tar.zst", "i: bundles[0].file", other_name},
      {"/bundles/0/bytes", 0, "i: bundles[0].bytes", "a bundle's size is out of range"},
      {"/bundles/0/bytes", -1, "i: bundles[0].bytes", "a bundle has a size below nothing"},
      {"/bundles/0/bytes", 1073741825, "i: bundles[0].bytes", "a bundle's size is out of range"},
      {"/bundles/0/sha256", std::string(64, 'C'), "i: bundles[0].sha256", "this is no SHA-256"},
      {"/bundles/0/sha256", std::string(63, 'c'), "i: bundles[0].sha256", "this is no SHA-256"},
      {"/bundles/0/name", "H2O", "i: bundles[0]: name", "the plugin's name cannot be used"},
      {"/bundles/0/kind", "reader", "i: bundles[0].kind", "the plugin is of an unknown kind"},
      {"/bundles/0/version", "0.1", "i: bundles[0].version", "this is no version"},
      {"/bundles/0/licence", "", "i: bundles[0]: licence", "the text cannot be shown"},
      {"/bundles/0/authors", Json::array(), "i: bundles[0]: authors", "the bundle has no author"},
      {"/bundles/0/summary", "a \x1b[31m red one", "i: bundles[0]: summary",
       "the text cannot be shown", false},
      {"/bundles/0/sdk/below", "7.0", "i: bundles[0]: sdk", "no version of the SDK is in the range",
       false},
      {"/bundles/0/variants/0", "../x", "i: bundles[0].variants", "this is no variant"},
      {"/bundles/0/variants/0", "..", "i: bundles[0].variants", "this is no variant", false},
      {"/bundles/0/variants/1", "7.0-1.13-1017-cxx11-1-x86_64", "i: bundles[0].variants",
       "a variant is there twice"},
      {"/bundles/1/kind", "metric", "i: bundles[2].kind", "a plugin is of two kinds", false},
      // unknown
      {"/serial_number", 1, "i", "unknown key \"serial_number\""},
      {"/keys/0/expired", true, "i: keys[0]", "unknown key \"expired\""},
      {"/bundles/0/url", "x", "i: bundles[0]", "unknown key \"url\""},
      {"/bundles/0/sdk/maximum", "9.0", "i: bundles[0].sdk", "unknown key \"maximum\""},
  };
}

TEST(RepositoryIndex, RefusesWhatIsWrongWithThePlace) {
  for (const Refusal& refusal : refusals()) {
    Json json = Json::parse(repository_index_text(full_index(), "i"));
    json[Json::json_pointer(refusal.pointer)] = refusal.value;
    SCOPED_TRACE(std::string(refusal.pointer) + " " + refusal.value.dump());
    const Problem problem = bundle_problem([&] { parse_repository_index(json.dump(), "i"); });
    EXPECT_EQ(problem.what, refusal.what);
    EXPECT_EQ(problem.where, refusal.where);
    EXPECT_EQ(!errors_by_schema(json.dump()).empty(), refusal.schema_refuses);
  }
}

TEST(RepositoryIndex, RefusesAMissingKey) {
  for (const char* pointer :
       {"/schema", "/serial", "/expires", "/keys", "/bundles", "/keys/0/key", "/keys/0/owner",
        "/bundles/0/file", "/bundles/0/bytes", "/bundles/0/sha256", "/bundles/0/name",
        "/bundles/0/kind", "/bundles/0/version", "/bundles/0/licence", "/bundles/0/authors",
        "/bundles/0/summary", "/bundles/0/paper", "/bundles/0/sdk", "/bundles/0/variants"}) {
    Json json = Json::parse(repository_index_text(full_index(), "i"));
    const Json::json_pointer key(pointer);
    json[key.parent_pointer()].erase(key.back());
    EXPECT_EQ(bundle_problem([&] { parse_repository_index(json.dump(), "i"); }).what,
              "a key is missing")
        << pointer;
    EXPECT_FALSE(errors_by_schema(json.dump()).empty()) << pointer;
  }
}

TEST(RepositoryIndex, RefusesAVersionThatIsThereTwice) {
  RepositoryIndex index = full_index();
  index.bundles.push_back(index.bundles[0]);
  EXPECT_EQ(bundle_problem([&] { repository_index_text(index, "i"); }).what,
            "a version of a plugin is there twice");
}

TEST(RepositoryIndex, RefusesWhatIsNoJsonObject) {
  const std::string whole = repository_index_text(full_index(), "i");
  const std::pair<std::string, const char*> cases[] = {
      {"", "parse error"},
      {"[]", "[]"},
      {whole + "{}", "parse error"},
      {whole + '\0', "a zero byte"},
      {replaced(whole, "A. Author", "\xFF"), "parse error"},
      {replaced(whole, "\"serial\": 12", "\"serial\": 12, \"serial\": 13"),
       "\"serial\" twice in one object"},
      {replaced(whole, "\"revoked\": true", "\"revoked\": true, \"revoked\": false"),
       "\"revoked\" twice in one object"},
      {std::string(100000, '['), "deep nesting"},
      {replaced(whole, "12", std::string(100000, '[')), "deep nesting"},
      {replaced(whole, "12", R"({"a":{"a":{"a":{"a":{}}}}})"), "deep nesting"}};
  for (const auto& [text, got] : cases) {
    // A name of its own: C++17 lets no lambda capture a part of a structured binding.
    const std::string& index = text;
    const Problem problem = bundle_problem([&] { parse_repository_index(index, "i"); });
    EXPECT_EQ(problem.what, "the repository's index cannot be read");
    EXPECT_TRUE(has(problem.got, got)) << problem.text();
  }
  for (std::size_t cut = 0; cut + 2 < whole.size(); cut += 7) {
    EXPECT_THROW(parse_repository_index(whole.substr(0, cut), "i"), Error) << cut;
  }
}

TEST(RepositoryIndex, IsAtMost16MiBAndNotMadeOfEmptyThings) {
  std::string text = repository_index_text(full_index(), "i");
  text.resize(kMostIndexBytes, ' ');
  EXPECT_EQ(parse_repository_index(text, "i").serial, 12);
  const Problem problem = bundle_problem([&] { parse_repository_index(text + ' ', "i"); });
  EXPECT_EQ(problem.what, "the repository's index is too long");
  EXPECT_EQ(problem.got, "16777217");
  // A million, as one that is read in the square of its length would take hours.
  std::string brackets;
  for (int i = 0; i < 1000000; ++i) brackets += "{},";
  const std::string whole = repository_index_text({1, kFar, {}, {}}, "i");
  for (const char* list : {"\"keys\": [", "\"bundles\": ["}) {
    const std::string many = replaced(whole, list, list + brackets + "{}");
    EXPECT_EQ(bundle_problem([&] { parse_repository_index(many, "i"); }).what,
              "a list of the repository's index is too long");
  }
}

// A value of a stranger's file is quoted, but not at any length.
TEST(RepositoryIndex, QuotesLittleOfALongValue) {
  for (const char* pointer :
       {"/expires", "/keys/0/key", "/keys/0/owner", "/bundles/0/file", "/bundles/0/sha256",
        "/bundles/0/summary", "/bundles/0/variants/0", "/unknown", "/bundles"}) {
    Json json = Json::parse(repository_index_text(full_index(), "i"));
    json[Json::json_pointer(pointer)] = std::string(500000, 'x') + '\n';
    const Problem problem = bundle_problem([&] { parse_repository_index(json.dump(), "i"); });
    EXPECT_LT(problem.text().size(), 1000U) << pointer;
  }
}

TEST(RepositoryIndex, NamesItsSignatureByItsHash) {
  // `printf abc | sha256sum`
  EXPECT_EQ(index_signature_path("abc"),
            "signatures/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.minisig");
}

TEST(RepositoryIndex, SaysOfABundleWhatItsManifestSays) {
  BundleManifest manifest = small_manifest();
  manifest.files["variants/7.0-1.13-1017-cxx11-1-x86_64/h2o.so"] = {1, kSha, false};
  manifest.files["variants/7.0-1.13-1017-cxx11-1-aarch64/h2o.so"] = {1, kSha, false};
  const IndexedBundle entry = indexed_bundle("abc", manifest);
  EXPECT_EQ(entry.file, "bundles/h2o-1.1.0.press.tar.zst");
  EXPECT_EQ(entry.bytes, 3U);
  EXPECT_EQ(entry.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(entry.authors, manifest.authors);
  EXPECT_EQ(entry.summary, manifest.summary);
  EXPECT_EQ(entry.paper, manifest.paper);
  EXPECT_EQ(entry.variants, (std::vector<std::string>{"7.0-1.13-1017-cxx11-1-aarch64",
                                                      "7.0-1.13-1017-cxx11-1-x86_64"}));
}

}  // namespace
}  // namespace pressroom::repository_index_test
