// What every folder needs of strings, once.
//
//   joined(std::vector<std::string>{"a", "b"}) == "a, b"      begins_with("tensor.bin", "tensor")
#pragma once

#include <string>
#include <string_view>

namespace pressroom {

inline bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

inline bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// The strings of a range in its order, with `between` between each two.
template <typename Strings>
std::string joined(const Strings& strings, std::string_view between = ", ") {
  std::string text;
  bool is_first = true;
  for (const auto& string : strings) {
    if (!is_first) text += between;
    text += string;
    is_first = false;
  }
  return text;
}

}  // namespace pressroom
