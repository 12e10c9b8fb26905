// What every folder needs of strings, once: how they begin and end, lists, counts, lines of CSV.
//
//   joined(std::vector<std::string>{"a", "b"}) == "a, b"      begins_with("tensor.bin", "tensor")
//   counted(1, "entry", "entries") == "1 entry"               csv_line({"a", "b, c"})
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

// A number of things in words: "0 entries", "1 entry", "2 entries".
inline std::string counted(std::int64_t count, const char* one, const char* more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

// A line of a CSV file (RFC 4180, with "\n" as the line end). Fields with a comma, a quote or a
// line end are quoted.
inline std::string csv_line(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) text += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      text += field;
      continue;
    }
    text += '"';
    for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  return text + '\n';
}

}  // namespace pressroom
