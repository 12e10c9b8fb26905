#include "report/html/html_text.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/utf8.h"

namespace pressroom {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

bool is_ascii_control(unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F; }

const char* entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return nullptr;
  }
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const char first = text.front();
    std::size_t length = 1;
    if (static_cast<unsigned char>(first) < 0x80) {
      if (const char* replaced = entity(first)) {
        escaped += replaced;
      } else if (is_ascii_control(first)) {
        escaped += kReplacement;
      } else {
        escaped += first;
      }
    } else {
      length = character_length(text);
      if (length == 0) {
        escaped += kReplacement;
        length = 1;
      } else if (misleads(code_point(text.substr(0, length)))) {
        escaped += pressroom::escaped(text.substr(0, length));
      } else {
        escaped += text.substr(0, length);
      }
    }
    text.remove_prefix(length);
  }
  return escaped;
}

std::string json_in_html(const nlohmann::ordered_json& json) {
  const std::string dumped = json_line(json);
  std::string escaped;
  escaped.reserve(dumped.size());
  for (std::string_view text = dumped; !text.empty();) {
    const std::size_t length = std::max<std::size_t>(1, character_length(text));
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    const char c = character.front();
    if (length > 1) {
      const char32_t code = code_point(character);
      // A backslash that the script reads as one.
      escaped += misleads(code) ? "\\" + pressroom::escaped(character) : std::string(character);
    } else if (c == '<') {
      // "</script>" ends a script for the HTML parser even within a string.
      escaped += "\\u003c";
    } else if (c == '>') {
      escaped += "\\u003e";
    } else if (c == '&') {
      escaped += "\\u0026";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string element(const std::string& name, std::string_view text, const std::string& attributes) {
  std::string markup = "<" + name;
  if (!attributes.empty()) markup += " " + attributes;
  return markup + ">" + html_escaped(text) + "</" + name + ">";
}

std::string with_plus_minus(std::string text) {
  for (std::size_t at = text.find("+-"); at != std::string::npos; at = text.find("+-", at)) {
    const bool spaced = at + 2 < text.size() && text[at + 2] == ' ';
    text.replace(at, 2, spaced ? "\u00b1" : "\u00b1 ");
  }
  return text;
}

namespace {

constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < there ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= there ? kLetters[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::string bytes_of_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = digit(digits[i]);
    const int low = digit(digits[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace pressroom
