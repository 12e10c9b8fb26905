// Text as rules of judging see it: characters of UTF-8, their case, and white space.
//
//   lower_case("Straße NR. 5") == "straße nr. 5"
//   trimmed(" 42\n") == "42"
//   split_words("a  b\nc") == {"a", "b", "c"}
//
// White space is what Python's str.split() goes by, lower case Unicode's simple mapping, character
// by character: the published rules are Python, whose lower() differs from that in the Turkish
// capital I with a dot and in a final sigma. Bytes that are not UTF-8 stay as they are.
#pragma once

#include <utf8proc.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

// The character that a text begins with.
struct Character {
  std::size_t bytes = 0;      // at least 1
  utf8proc_int32_t code = 0;  // -1: a byte that is no part of one
};

// `text` is not empty.
inline Character first_character(std::string_view text) {
  Character character;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &character.code);
  character.bytes = length > 0 ? static_cast<std::size_t>(length) : 1;
  if (length <= 0) character.code = -1;
  return character;
}

// Calls use(piece, code) for each character of `text`, in order.
template <typename Use>
void for_each_character(std::string_view text, Use use) {
  while (!text.empty()) {
    const Character character = first_character(text);
    use(text.substr(0, character.bytes), character.code);
    text.remove_prefix(character.bytes);
  }
}

inline bool is_white_space(utf8proc_int32_t code) {
  return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 ||
         code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
         code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

// A letter, a digit or another numeral of any script, or "_": what words of a regular expression
// are made of.
inline bool is_word_character(utf8proc_int32_t code) {
  if (code < 0) return false;
  const utf8proc_category_t category = utf8proc_category(code);
  const bool letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
  const bool number = category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
  return letter || number || code == '_';
}

inline std::string lower_case(std::string_view text) {
  std::string lower;
  for_each_character(text, [&lower](std::string_view piece, utf8proc_int32_t code) {
    if (code < 0) {
      lower += piece;
      return;
    }
    utf8proc_uint8_t bytes[4];
    const auto length = utf8proc_encode_char(utf8proc_tolower(code), bytes);
    lower.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  });
  return lower;
}

// Without white space at either end.
inline std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  std::size_t at = 0;
  for_each_character(text, [&](std::string_view piece, utf8proc_int32_t code) {
    if (!is_white_space(code)) {
      begin = at < begin ? at : begin;
      end = at + piece.size();
    }
    at += piece.size();
  });
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

// What stands between white space, in order.
inline std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for_each_character(text, [&](std::string_view piece, utf8proc_int32_t code) {
    const bool space = is_white_space(code);
    if (!space && !inside) words.emplace_back();
    if (!space) words.back() += piece;
    inside = !space;
  });
  return words;
}

}  // namespace pressroom
