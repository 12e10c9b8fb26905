#include "base/terminal_text.h"

#include <algorithm>
#include <cstdint>

#include "base/utf8.h"

namespace pressroom {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string hexadecimal(std::uint32_t value, int digits) {
  std::string text;
  for (int i = digits - 1; i >= 0; --i) text += "0123456789abcdef"[value >> 4 * i & 0xF];
  return text;
}

// Calls `show` with each character of `text`, and whether it is one: a byte that is no UTF-8 comes
// by itself.
template <typename Show>
void each_character(std::string_view text, const Show& show) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(character.size());
    show(character, length > 0);
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  each_character(text, [&](std::string_view character, bool is_utf8) {
    const char first = character.front();
    if (first == '\t' || first == '\r') {
      shown += ' ';
    } else if (!is_utf8 || (is_control(first) && first != '\n') ||
               misleads(code_point(character))) {
      shown += '?';
    } else {
      shown += character;
    }
  });
  return shown;
}

std::string escaped(std::string_view text) {
  std::string shown;
  each_character(text, [&](std::string_view character, bool is_utf8) {
    const char first = character.front();
    if (first == '\t' || first == '\n') {
      shown += first;
    } else if (!is_utf8 || is_control(first)) {
      shown += "\\x" + hexadecimal(static_cast<unsigned char>(first), 2);
    } else if (misleads(code_point(character))) {
      shown += "\\u" + hexadecimal(code_point(character), 4);
    } else {
      shown += character;
    }
  });
  return shown;
}

std::string printable_line(std::string_view text) {
  std::string line = printable(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

bool misleads(char32_t code) {
  return (code >= 0x80 && code < 0xA0) || code == 0x200E || code == 0x200F || code == 0x061C ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace pressroom
