#include "base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace pressroom {
namespace {

// All 25 characters with the property White_Space.
constexpr std::string_view kWhiteSpace[] = {" ",
                                            "\n",
                                            "\t",
                                            "\r",
                                            "\v",
                                            "\f",
                                            "\xC2\x85",
                                            "\xC2\xA0",
                                            "\xE1\x9A\x80",
                                            "\xE2\x80\x80",
                                            "\xE2\x80\x81",
                                            "\xE2\x80\x82",
                                            "\xE2\x80\x83",
                                            "\xE2\x80\x84",
                                            "\xE2\x80\x85",
                                            "\xE2\x80\x86",
                                            "\xE2\x80\x87",
                                            "\xE2\x80\x88",
                                            "\xE2\x80\x89",
                                            "\xE2\x80\x8A",
                                            "\xE2\x80\xA8",
                                            "\xE2\x80\xA9",
                                            "\xE2\x80\xAF",
                                            "\xE2\x81\x9F",
                                            "\xE3\x80\x80"};

bool between(unsigned char byte, int low, int high) { return byte >= low && byte <= high; }

}  // namespace

// Unicode table 3-7.
std::size_t character_length(std::string_view text) {
  const auto at = [&](std::size_t i) {
    // 0 is no tail byte: a character that the end cuts off is none.
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  const bool tail2 = between(at(2), 0x80, 0xBF);
  if (between(lead, 0xC2, 0xDF)) return between(at(1), 0x80, 0xBF) ? 2 : 0;
  if (between(lead, 0xE0, 0xEF)) {
    // Below E0 A0 two bytes would do; from ED A0 on there are surrogates.
    const int low = lead == 0xE0 ? 0xA0 : 0x80;
    const int high = lead == 0xED ? 0x9F : 0xBF;
    return between(at(1), low, high) && tail2 ? 3 : 0;
  }
  if (between(lead, 0xF0, 0xF4)) {
    // Below F0 90 three bytes would do; from F4 90 on it is beyond U+10FFFF.
    const int low = lead == 0xF0 ? 0x90 : 0x80;
    const int high = lead == 0xF4 ? 0x8F : 0xBF;
    return between(at(1), low, high) && tail2 && between(at(3), 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

char32_t code_point(std::string_view character) {
  const auto tail = [&](std::size_t i) { return static_cast<unsigned char>(character[i]) & 0x3F; };
  const unsigned lead = static_cast<unsigned char>(character[0]);
  switch (character.size()) {
    case 1:
      return lead;
    case 2:
      return (lead & 0x1F) << 6 | tail(1);
    case 3:
      return (lead & 0x0F) << 12 | tail(1) << 6 | tail(2);
    default:
      return (lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3);
  }
}

std::string utf8_of(char32_t code) {
  const auto tail = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

std::size_t valid_utf8_length(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t length = 0;
  while (length < text.size()) {
    // Where fewer than eight bytes are left it stays like this, and they go one by one.
    std::uint64_t eight = kHighBits;
    if (text.size() - length >= sizeof eight) {
      std::memcpy(&eight, text.data() + length, sizeof eight);
    }
    const std::size_t step =
        (eight & kHighBits) == 0 ? sizeof eight : character_length(text.substr(length));
    if (step == 0) break;
    length += step;
  }
  return length;
}

std::size_t leading_white_space(std::string_view text) {
  std::size_t length = 0;
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view space : kWhiteSpace) {
      if (text.substr(length, space.size()) != space) continue;
      length += space.size();
      found = true;
      break;
    }
  }
  return length;
}

std::size_t trailing_white_space(std::string_view text) {
  std::size_t left = text.size();
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view space : kWhiteSpace) {
      if (left < space.size() || text.substr(left - space.size(), space.size()) != space) continue;
      left -= space.size();
      found = true;
      break;
    }
  }
  return text.size() - left;
}

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
    // After a carriage return what follows would overwrite the line before it.
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
