#include "base/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pressroom {
namespace {

// Large enough for the longest fixed double that is asked for here and any shortest form.
using Buffer = std::array<char, 512>;

template <typename... Format>
std::string converted(double value, Format... format) {
  Buffer buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...);
  return std::string(buffer.data(), end.ptr);
}

}  // namespace

std::string exact(double value) {
  if (std::isnan(value)) return "nan";
  return converted(value);
}

std::string fixed(double value, int decimals) {
  if (std::isnan(value)) return "nan";
  return converted(value, std::chars_format::fixed, decimals);
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return exact(value);
  if (value == 0) return "0";
  const std::string scientific = converted(value, std::chars_format::scientific, digits - 1);
  const std::size_t e = scientific.find('e');
  const int exponent = std::stoi(scientific.substr(e + 1));  // after rounding: 9.999 is 1.00e+01
  if (exponent < -4 || exponent >= 7) return scientific;
  return fixed(value, std::max(0, digits - 1 - exponent));
}

std::string sparsity_text(double sparsity) {
  // Fixed: the shortest text of 0.0001 is 1e-04, and a name of a file is no place for it.
  const std::string text = converted(sparsity, std::chars_format::fixed);
  return text.find_first_of(".n") == std::string::npos ? text + ".0" : text;
}

std::string csv_number(const std::optional<double>& value) { return value ? exact(*value) : ""; }

nlohmann::ordered_json json_number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

nlohmann::ordered_json json_count(const std::optional<std::int64_t>& value) {
  if (!value) return nullptr;
  return *value;
}

}  // namespace pressroom
