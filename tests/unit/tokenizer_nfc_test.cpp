// Normalisation form C, with examples of the Unicode standard (annex 15 and chapter 3).
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/utf8.h"
#include "test_folders.h"
#include "tokenizer/components/normalizer.h"
#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test::tokenizer_nfc_test {
namespace {

std::string nfc(const std::string& text) {
  std::string result = "left alone";
  return to_nfc(text, result) ? result : text;
}

TEST(Nfc, ComposesAndOrdersMarks) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"e\u0301 combining", "\u00e9 combining"},
      {"xe\u0301e\u0301x", "x\u00e9\u00e9x"},
      {"d\u0323\u0307", "\u1e0d\u0307"},
      {"d\u0307\u0323", "\u1e0d\u0307"},
      {"\u1e9b\u0323", "\u1e9b\u0323"},
      {"\u212b\u2126", "\u00c5\u03a9"},
      {"\u0958", "\u0915\u093c"},  // excluded from composition
      {"\u1112\u1161\u11ab", "\ud55c"},
      {"\uac00\u11a8", "\uac01"},
      {"\uac00\u11a7", "\uac00\u11a7"},  // where trailing consonants are counted from, none itself
      {"\u1100\u1161\u11a7\u11a8", "\uac00\u11a7\u11a8"},
      {"\ufb01", "\ufb01"},  // a compatibility character
      {"\u0301e", "\u0301e"},
      {"\u00e9\u0323", "\u1eb9\u0301"},
      {"\xC3\x65\u0301\xFF\u0301", "\xC3\u00e9\xFF\u0301"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(nfc(text), expected) << text;
}

// The reference's tables are those of Unicode 9, in which these three are no marks yet.
TEST(Nfc, LetsNothingPassAMarkThatIsYoungerThanTheReference) {
  const std::vector<std::string> unchanged = {"a\u0898\u0323", "e\u08ca\u0301", "a\u0345\u0898x",
                                              "a\u07fd\u0301"};
  for (const std::string& text : unchanged) EXPECT_EQ(nfc(text), text);
  EXPECT_EQ(nfc("a\u0898\u0301\u0323"), "a\u0898\u0323\u0301");
}

std::vector<char32_t> codes_of(const json& ranges) {
  std::vector<char32_t> codes;
  for (const json& range : ranges) {
    for (auto code = range[0].get<char32_t>(); code <= range[1].get<char32_t>(); ++code) {
      codes.push_back(code);
    }
  }
  return codes;
}

// The hash of many texts, normalized each on its own.
class Digest {
 public:
  void add(const std::string& text) { hash_.update(nfc(text)).update("\n"); }
  std::string hex() { return hash_.hex(); }

 private:
  Sha256 hash_;
};

std::string digest_of_pairs(const std::vector<char32_t>& before,
                            const std::vector<char32_t>& after) {
  Digest digest;
  for (const char32_t first : before) {
    for (const char32_t second : after) digest.add(utf8_of(first) + utf8_of(second));
  }
  return digest.hex();
}

std::string digest_of_triples(const std::vector<char32_t>& before,
                              const std::vector<char32_t>& after) {
  std::uint64_t state = 1;
  const auto draw = [&state](const std::vector<char32_t>& codes) {
    state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's, as in make_nfc.py
    return utf8_of(codes[(state >> 33) % codes.size()]);
  };
  Digest digest;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = draw(before);
    text += draw(after);
    text += draw(after);
    digest.add(text);
  }
  return digest.hex();
}

// tests/goldens/README.md says what the figures are, and of which versions of Unicode.
TEST(Nfc, AgreesWithTwoOtherImplementationsOnAllOfUnicode) {
  std::ifstream file(test_dir() / "goldens/nfc.json");
  const json golden = json::parse(file);
  Digest alone;
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (code < 0xD800 || code >= 0xE000) alone.add(utf8_of(code));
  }
  EXPECT_EQ(alone.hex(), golden["alone"]);
  const std::vector<char32_t> before = codes_of(golden["before"]);
  const std::vector<char32_t> after = codes_of(golden["after"]);
  const std::vector<char32_t> young = codes_of(golden["young"]);
  EXPECT_EQ(digest_of_pairs(before, after), golden["pairs"]);
  EXPECT_EQ(digest_of_triples(before, after), golden["triples"]);
  EXPECT_EQ(digest_of_pairs(before, young), golden["young_pairs"]);
  EXPECT_EQ(digest_of_pairs(young, after), golden["young_firsts"]);
}

TEST(Nfc, LeavesTextAloneThatIsNormalAlready) {
  for (const char* text : {"plain text", "\u201cna\u00efve\u201d \u2014 \u65e5\u672c \ud55c\uae00",
                           "\u1ea1\u1edd\u1f41", "\xC3\xFF\xCC"}) {
    std::string result = "left alone";
    EXPECT_FALSE(to_nfc(text, result)) << text;
    EXPECT_EQ(result, "left alone");
  }
}

TEST(Nfc, SortsALongRunOfMarks) {
  std::string text = "e";
  std::string above;
  std::string below;
  for (int i = 0; i < 300'000; ++i) {
    text += "\u0301\u0323";
    above += "\u0301";
    if (i > 0) below += "\u0323";
  }
  EXPECT_EQ(nfc(text), "\u1eb9" + below + above);
}

TEST(Nfc, IsAppliedBeforeWordsAreSplit) {
  json file = file_of(alphabet(), json::array());
  file["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "NFC"}}}}};
  file["added_tokens"] = {{{"id", 256}, {"content", "e\u0301"}, {"normalized", true}},
                          {{"id", 257}, {"content", "e\u0301!"}, {"normalized", false}}};
  const Tokenizers tokenizer = load(file);
  // Added tokens are found as they are spelled, or as they are spelled when normalized.
  EXPECT_EQ(tokenizer->encode("e\u0301a\u00e9e\u0301!", Special::kNone), (Ids{256, 64, 256, 257}));
  EXPECT_EQ(tokenizer->encode("o\u0301", Special::kNone), (Ids{127, 111}));  // C3 B3
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_nfc_test
