#include "generate/whole_characters.h"

#include "base/utf8.h"

namespace pressroom {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// How many bytes of `text`, which begins with no whole character, could begin one: at most three.
std::size_t begun_length(std::string_view text) {
  // Whether a lead byte is followed by what may follow it shows when the rest is filled up.
  for (std::size_t length = text.size() < 3 ? text.size() : 3; length > 1; --length) {
    std::string filled(text.substr(0, length));
    for (; filled.size() < 4; filled += '\x80') {
      if (character_length(filled + '\x80') > length) return length;
    }
  }
  return 1;
}

// Whether `text` could be the beginning of a character and nothing else.
bool is_begun(std::string_view text) {
  if (text.empty() || text.size() > 3) return false;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (text.size() == 1) return lead >= 0xC2 && lead <= 0xF4;
  return begun_length(text) == text.size();
}

}  // namespace

std::string WholeCharacters::push(std::string_view bytes) {
  held_ += bytes;
  std::string whole;
  std::string_view rest = held_;
  while (!rest.empty() && !is_begun(rest)) {
    const std::size_t valid = valid_utf8_length(rest);
    whole += rest.substr(0, valid);
    rest.remove_prefix(valid);
    if (rest.empty() || is_begun(rest)) break;
    whole += kReplacement;
    rest.remove_prefix(begun_length(rest));
  }
  held_ = std::string(rest);
  return whole;
}

std::string WholeCharacters::finish() {
  const std::string end = held_.empty() ? "" : kReplacement;
  held_.clear();
  return end;
}

}  // namespace pressroom
