#include "generate/stop_strings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "generate/whole_characters.h"
#include "pressroom/error.h"

namespace pressroom::stop_strings_test {
namespace {

// Calls use(pieces) for every way to cut `text` into pieces.
template <class Use>
void for_each_cut(const std::string& text, Use use) {
  ASSERT_LE(text.size(), 16u);
  const std::uint32_t cuts = text.empty() ? 1 : 1U << (text.size() - 1);
  for (std::uint32_t cut = 0; cut < cuts; ++cut) {
    std::vector<std::string> pieces(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
      pieces.back() += text[i];
      if (i + 1 < text.size() && (cut >> i & 1) != 0) pieces.emplace_back();
    }
    use(pieces);
  }
}

struct StopCase {
  std::vector<std::string> stops;
  std::string text;
  std::string shown;
  std::string found;  // "": none
};

TEST(StopStrings, EndTheTextBeforeThemHoweverItIsCut) {
  const std::vector<StopCase> cases = {
      {{}, "as it is", "as it is", ""},
      {{"END"}, "to the END, no", "to the ", "END"},
      {{"END"}, "to the EN", "to the EN", ""},
      {{"aab"}, "aaaab", "aa", "aab"},
      {{"abab", "abc"}, "xababab", "x", "abab"},
      {{"abab", "abc"}, "xabaabc", "xaba", "abc"},
      {{"abc", "b"}, "abc", "a", "b"},           // complete first
      {{"c", "abc", "bc"}, "xabc", "x", "abc"},  // complete at once: the longest
      {{"\n\n"}, "a\nb\n\nc", "a\nb", "\n\n"},
      {{"\xC3\xA9"}, "\xC3\xA8\xC3\xA9", "\xC3\xA8", "\xC3\xA9"},
  };
  for (const StopCase& one : cases) {
    for_each_cut(one.text, [&](const std::vector<std::string>& pieces) {
      StopStrings stops(one.stops);
      std::string shown;
      for (const std::string& piece : pieces) {
        shown += stops.push(piece);
        // What is shown is never taken back.
        ASSERT_EQ(one.shown.compare(0, shown.size(), shown), 0) << one.text;
      }
      shown += stops.finish();
      EXPECT_EQ(shown, one.shown) << one.text << " in " << pieces.size();
      EXPECT_EQ(stops.found() == nullptr ? "" : *stops.found(), one.found) << one.text;
    });
  }
}

TEST(StopStrings, HoldBackNothingThatCannotBeginOne) {
  StopStrings stops({"stop", "top it"});
  EXPECT_EQ(stops.push("a st"), "a ");
  EXPECT_EQ(stops.push("ore, a top"), "store, a ");
  EXPECT_EQ(stops.push("ic"), "topic");
}

TEST(StopStrings, AreTextOfOneCharacterOrMore) {
  for (const char* bad : {"", "\xFF", "caf\xC3"}) {
    EXPECT_THROW(StopStrings({"fine", bad}), Error) << bad;
  }
}

struct BytesCase {
  std::string bytes;
  std::string text;  // of Python: bytes.decode("utf-8", errors="replace")
};

TEST(WholeCharacters, AreThoseOfPythonHoweverBytesAreCut) {
  const std::string gone = "\xEF\xBF\xBD";
  const std::vector<BytesCase> cases = {
      {"plain", "plain"},
      {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"},
      {"\xE2\x82", gone},
      {"\xF0\x9F\x98", gone},
      {"\xF0\x9F\x98!", gone + "!"},
      {"\xC3(\xA9", gone + "(" + gone},
      {"\x80\xBF", gone + gone},
      {"\xC0\xAF\xC1", gone + gone + gone},             // overlong
      {"\xE0\x80\xAF", gone + gone + gone},             // overlong
      {"\xED\xA0\x80x", gone + gone + gone + "x"},      // a surrogate
      {"\xF4\x90\x80\x80", gone + gone + gone + gone},  // above U+10FFFF
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
      {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
       "A",
       gone + gone + gone + gone + "A"},
      {"\xFE\xFF", gone + gone},
  };
  for (const BytesCase& one : cases) {
    for_each_cut(one.bytes, [&](const std::vector<std::string>& pieces) {
      WholeCharacters characters;
      std::string text;
      for (const std::string& piece : pieces) {
        text += characters.push(piece);
        ASSERT_EQ(one.text.compare(0, text.size(), text), 0);
        // At every moment whole: what follows does not go on with a character.
        const bool goes_on =
            text.size() < one.text.size() && (one.text[text.size()] & 0xC0) == 0x80;
        ASSERT_FALSE(goes_on);
      }
      EXPECT_EQ(text + characters.finish(), one.text);
    });
  }
}

}  // namespace
}  // namespace pressroom::stop_strings_test
