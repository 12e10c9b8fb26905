// Split patterns: what PCRE2 makes of a syntax written for another library.
#include "tokenizer/components/split_pattern.h"

#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test::split_pattern_test {
namespace {

TEST(SplitPattern, RefusesWhatMeansSomethingElseInPcre2) {
  for (const char* pattern : {"\\w+", "\\b", "a{1,2}+", "[a[bc]]", "[a&&b]", "(?m)a", "a*", "(",
                              "[]a]", "\\x41", "(*UCP)a", "\\"}) {
    EXPECT_NE(error_of([&] { SplitPattern(pattern, "here"); }).find("here: the split pattern"),
              std::string::npos)
        << pattern;
  }
}

TEST(SplitPattern, TakesTheWhiteSpaceOfUnicode) {
  const SplitPattern space("\\s", "here");
  const std::vector<std::pair<std::string, std::size_t>> cases = {
      {"a\u00a0b", 3}, {"a\u0085b", 3}, {"a\u3000b", 3}, {"a\u180eb", 1}, {"a\u200bb", 1}};
  for (const auto& [text, words] : cases) {
    SplitPattern::Matcher matcher;
    std::vector<std::string_view> found;
    space.isolate(text, matcher, found);
    EXPECT_EQ(found.size(), words) << text;
  }
}

TEST(SplitPattern, TakesALongRunOfSpacesWhole) {
  const SplitPattern pattern("\\p{L}+|\\s*[\\r\\n]+|\\s+", "here");
  const std::string spaces(12'000'000, ' ');
  SplitPattern::Matcher matcher;
  std::vector<std::string_view> words;
  pattern.isolate(spaces, matcher, words);
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].size(), spaces.size());
}

// From UnicodeData of versions 14, 15 and 16; PCRE2 knows the later ones or not, as it may be old.
TEST(SplitPattern, KnowsTheLettersAndNumbersOfUnicode16) {
  const SplitPattern words("\\p{L}+|[\\p{N}]+|[^\\p{L}\\p{N}]", "here");
  const std::vector<std::pair<std::string, std::size_t>> cases = {
      {"a\u1c8a\ua7cda", 1},          // Unicode 16, basic plane
      {"a\U00031350\U000323afa", 1},  // Unicode 15: Han extension H
      {"a\U0002ebf0a", 1},            // Unicode 15.1: Han extension I
      {"1\U0001ccf0\U0001d2c01", 1},  // Unicode 16 and 15, numbers
      {"a\U0001f334a", 3},            // neither letter nor number
      {"\U0001ccf0\U00031350", 2}};
  for (const auto& [text, expected] : cases) {
    SplitPattern::Matcher matcher;
    std::vector<std::string_view> found;
    words.isolate(text, matcher, found);
    EXPECT_EQ(found.size(), expected) << text;
  }
}

// The reference library documents the behaviors with this text.
TEST(Splitter, SplitsByEachBehavior) {
  using Words = std::vector<std::string_view>;
  struct Row {
    const char* behavior;
    Words words;
    Words inverted;  // of "t-f--c", where each letter is a match and "--" a single gap
  };
  const std::vector<Row> rows = {
      {"Isolated", {"the", "-", "final", "-", "-", "countdown"}, {"t", "-", "f", "--", "c"}},
      {"Removed", {"the", "final", "countdown"}, {"t", "f", "c"}},
      {"MergedWithPrevious", {"the-", "final-", "-", "countdown"}, {"t-", "f--", "c"}},
      {"MergedWithNext", {"the", "-final", "-", "-countdown"}, {"t", "-f", "--c"}},
      {"Contiguous", {"the", "-", "final", "--", "countdown"}, {"t", "-", "f", "--", "c"}}};
  const auto split = [](const json& component, std::string_view text) {
    Splitter::Work work;
    Words words;
    Splitter::from_json(component, "here").split(text, work, words);
    return words;
  };
  for (const Row& row : rows) {
    const json plain = {{"pattern", {{"String", "-"}}}, {"behavior", row.behavior}};
    EXPECT_EQ(split(plain, "the-final--countdown"), row.words) << row.behavior;
    const json inverted = {
        {"pattern", {{"Regex", "[^-]"}}}, {"behavior", row.behavior}, {"invert", true}};
    EXPECT_EQ(split(inverted, "t-f--c"), row.inverted) << row.behavior;
  }
}

TEST(Splitter, NamesWhatItDoesNotUnderstand) {
  const json good = {{"pattern", {{"String", "-"}}}, {"behavior", "Removed"}};
  const std::vector<std::pair<json, std::string>> changes = {
      {{{"behavior", "Joined"}}, "Contiguous"},
      {{{"behavior", nullptr}}, "Contiguous"},
      {{{"pattern", "-"}}, "{\"String\": \"...\"}"},
      {{{"pattern", {{"Regex", "\\w"}}}}, "\\w"}};
  for (const auto& [change, named] : changes) {
    json component = good;
    component.update(change);
    const std::string message = error_of([&] { Splitter::from_json(component, "here"); });
    EXPECT_NE(message.find(named), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace pressroom::tokenizer_test::split_pattern_test
