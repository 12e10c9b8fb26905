#include "model/python_json.h"

namespace pressroom {
namespace {

// The word that begins at `text`, empty for another.
std::string_view float_word(std::string_view text) {
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
    if (text.substr(0, word.size()) == word) return word;
  }
  return {};
}

}  // namespace

std::string strict_json(std::string_view text) {
  std::string strict;
  strict.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view word = in_string ? std::string_view() : float_word(text.substr(i));
    if (!word.empty()) {
      strict.append(1, '"').append(word).append(1, '"');
      i += word.size() - 1;
      continue;
    }
    strict += text[i];
    if (text[i] == '"') in_string = !in_string;
    // An escaped quote does not end the string.
    if (in_string && text[i] == '\\' && i + 1 < text.size()) strict += text[++i];
  }
  return strict;
}

}  // namespace pressroom
