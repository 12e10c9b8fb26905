#include "report/figures/gnuplot_text.h"

#include <spdlog/fmt/fmt.h>

#include <string_view>

#include "base/strings.h"
#include "base/terminal_text.h"

namespace pressroom {
namespace {

constexpr std::string_view kSpecial = "\"\\`@$";  // within double quotes of gnuplot's

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : printable_line(text)) {
    if (c == '>' && ends_with(line, "]]")) line += ' ';
    if (c == '#' && ends_with(line, "&")) line += ' ';
    line += c;
  }
  return line;
}

std::string shortened(const std::string& text, std::size_t most) {
  std::size_t characters = 0;
  std::size_t cut = text.size();  // where the ellipsis would go
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues(text[i])) continue;
    if (++characters == most - 2) cut = i;
  }
  return characters <= most ? text : text.substr(0, cut) + "...";
}

std::string gnuplot_string(const std::string& line) {
  std::string text = "\"";
  bool escaped = false;  // gnuplot would take a digit for the escape's fourth
  for (const char c : line) {
    const bool digit = c >= '0' && c <= '9';
    escaped = kSpecial.find(c) != std::string_view::npos || (escaped && digit);
    text += escaped ? fmt::format("\\{:03o}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return text + '"';
}

}  // namespace pressroom
