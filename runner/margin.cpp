#include "margin.h"

#include <charconv>

#include "pressroom/error.h"

namespace pressroom {

double margin_from(const std::string& word) {
  const bool percent = !word.empty() && word.back() == '%';
  const char* const end = word.data() + word.size() - (percent ? 1 : 0);
  double value = 0;
  const auto read = std::from_chars(word.data(), end, value);
  if (percent) value /= 100;
  if (read.ec == std::errc() && read.ptr == end && value > 0 && value < 1) return value;
  throw Error({"--margin cannot be understood", "",
               "a part of perplexity above 0 and below 1: 0.01, or 1%", word, ""});
}

}  // namespace pressroom
