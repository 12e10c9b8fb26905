// UTF-8: the little of it and of Unicode that a tokenizer needs beside PCRE2, and text of others
// made fit to be shown.
//
//   valid_utf8_length("caf\xC3") == 3
//   leading_white_space(" \t\u3000x") == 5
//
// Labels and messages of campaigns come from other people's files: on their way to a terminal none
// may steer it or show another text than it is.
//
//   std::cout << printable_line(campaign.name) << "\n";
//   spdlog::warn("{}", printable(note));   // may have several lines
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace pressroom {

// Length in bytes of the longest prefix of `text` that is well-formed UTF-8 (no overlong forms,
// no surrogates, nothing above U+10FFFF, no character cut short).
std::size_t valid_utf8_length(std::string_view text);

// Calls use(run, valid) for the parts of `text` in order: its longest valid runs (valid) and the
// stray bytes between them, one by one (not valid).
template <class Use>
void for_each_utf8_run(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t length = valid_utf8_length(text);
    if (length > 0) use(text.substr(0, length), true);
    if (length == text.size()) return;
    use(text.substr(length, 1), false);
    text.remove_prefix(length + 1);
  }
}

// Length of the character that `text` (not empty) begins with, or 0 when it begins with a stray
// byte: one that is no part of a well-formed character.
std::size_t character_length(std::string_view text);

// The code point of `character`, which is well-formed, and its inverse.
char32_t code_point(std::string_view character);
std::string utf8_of(char32_t code);

// How many characters UTF-8 text has: its bytes that do not go on with one.
inline std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// Bytes of Unicode White_Space that `text` begins or ends with. `text` may be any bytes.
std::size_t leading_white_space(std::string_view text);
std::size_t trailing_white_space(std::string_view text);

// `text` as a terminal may show it. Bytes that are not UTF-8, control characters and those that
// mislead() become "?", tabs and carriage returns a space. Line ends stay.
std::string printable(std::string_view text);

// Likewise, and line ends become a space.
std::string printable_line(std::string_view text);

// For messages, whose reader has to see which bytes of a file are meant: what printable() puts "?"
// for is shown, bytes as \xHH and characters that mislead as \uHHHH. Tabs and line ends stay. The
// result is UTF-8 whatever `text` is, and no change to a result.
//
//   escaped("caf\xE9 \x1b[31m") == "caf\\xe9 \\x1b[31m"
std::string escaped(std::string_view text);

// C1 controls, which steer a terminal as escape sequences do, and the marks, embeddings, overrides
// and isolates of bidirectional text, which turn the direction of writing.
bool misleads(char32_t code);

}  // namespace pressroom
