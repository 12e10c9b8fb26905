#include <gtest/gtest.h>

#include "base/utf8.h"
#include "pressroom/error.h"

namespace pressroom::terminal_text_test {
namespace {

TEST(TerminalText, SteersNoTerminalAndStaysAsItIsOtherwise) {
  const struct {
    const char* text;
    const char* shown;
    const char* line;
  } cases[] = {
      {"", "", ""},
      {"caf\xC3\xA9, 100 % \xE2\x82\xAC", "caf\xC3\xA9, 100 % \xE2\x82\xAC",
       "caf\xC3\xA9, 100 % \xE2\x82\xAC"},
      {"]]> &#0; <b>", "]]> &#0; <b>", "]]> &#0; <b>"},
      {"two\nlines", "two\nlines", "two lines"},
      {"tab\tand\rreturn", "tab and return", "tab and return"},
      {"\x1b[2J\x07\x7f", "?[2J??", "?[2J??"},
      {"\xC2\x9B"
       "2J",
       "?2J", "?2J"},                                   // CSI as one character
      {"\xE2\x80\xAEtxt.exe", "?txt.exe", "?txt.exe"},  // right-to-left override
      {"cut \xC3", "cut ?", "cut ?"},
      {"\xFF\xFE.", "??.", "??."},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(printable(test.text), test.shown);
    EXPECT_EQ(printable_line(test.text), test.line);
  }
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
}

TEST(TerminalText, ShowsWhichBytesAreMeant) {
  const struct {
    std::string_view text;
    const char* shown;
  } cases[] = {
      {"", ""},
      {"caf\xC3\xA9, 100 %\n\t\xE2\x82\xAC", "caf\xC3\xA9, 100 %\n\t\xE2\x82\xAC"},
      {"caf\xE9 \x1B[31mred\x07\x7F\r", R"(caf\xe9 \x1b[31mred\x07\x7f\x0d)"},
      {std::string_view("a\0b", 3), R"(a\x00b)"},
      {"\xFF\xFE.\xC3", R"(\xff\xfe.\xc3)"},
      {"\xC0\x80\xED\xA0\x80", R"(\xc0\x80\xed\xa0\x80)"},  // overlong, a surrogate
      {"\xC2\x9B"
       "2J",
       R"(\u009b2J)"},
      {"\xE2\x80\xAEtxt.exe", R"(\u202etxt.exe)"},
      {R"(C:\x1b stays)", R"(C:\x1b stays)"},
  };
  for (const auto& test : cases) EXPECT_EQ(escaped(test.text), test.shown);
}

TEST(TerminalText, AllOneAndTwoByteTextsBecomeUtf8WithoutControls) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const std::string shown = escaped(text);
      EXPECT_EQ(valid_utf8_length(shown), shown.size()) << first << " " << second;
      for (const char c : shown) {
        EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t');
        EXPECT_NE(c, '\x7F');
      }
      EXPECT_EQ(escaped(shown), shown) << "an Error is made of parts of an Error";
    }
  }
}

TEST(TerminalText, ErrorsAreTextWhateverTheyAreMadeOf) {
  const std::string bytes = "\xFF\x1B]0;title\x07";
  const Error error({bytes, bytes, bytes, bytes, bytes});
  const std::string shown = R"(\xff\x1b]0;title\x07)";
  EXPECT_EQ(error.what(), shown + ": " + shown + "\n  expected: " + shown +
                              "\n  got:      " + shown + "\n  do:       " + shown);
  EXPECT_EQ(error.problems()[0].text(), error.what());
}

}  // namespace
}  // namespace pressroom::terminal_text_test
