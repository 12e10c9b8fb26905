// A line of a CSV file (RFC 4180, with "\n" as the line end).
#pragma once

#include <string>
#include <vector>

namespace pressroom {

// Fields with a comma, a quote or a line end are quoted.
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
