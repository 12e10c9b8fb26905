// Looking into, and changing, what a program is given or says.
#pragma once

#include <cstddef>
#include <string>

namespace pressroom {

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// How often `part`, which is not empty, stands in `text`.
inline std::size_t times(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

// `text` with every `from`, which is not empty, made `to`.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

}  // namespace pressroom
