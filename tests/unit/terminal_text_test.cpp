#include "text/terminal_text.h"

#include <gtest/gtest.h>

namespace pressroom {
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

}  // namespace
}  // namespace pressroom
