#include "yaml/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "pressroom/parameters.h"

namespace pressroom {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits from `at` on; their end.
std::size_t skip_digits(const std::string& text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// -?(0|[1-9][0-9]*); its end, or 0 when `text` does not begin with one.
std::size_t integer_prefix(const std::string& text) {
  const std::size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t end = skip_digits(text, first);
  if (end == first || (text[first] == '0' && end > first + 1)) return 0;
  return end;
}

bool is_integer(const std::string& text) {
  return !text.empty() && integer_prefix(text) == text.size();
}

// An integer, a point with digits on at least one side, and an exponent, the last two optional.
bool is_number(const std::string& text) {
  const std::size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
  std::size_t end = integer_prefix(text);
  const std::size_t point = end == 0 ? first : end;
  if (point < text.size() && text[point] == '.') {
    const std::size_t fraction_end = skip_digits(text, point + 1);
    if (end == 0 && fraction_end == point + 1) return false;
    end = fraction_end;
  }
  if (end == 0) return false;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) ++exponent;
    end = skip_digits(text, exponent);
    if (end == exponent) return false;
  }
  return end == text.size();
}

std::string without(std::string text, char unwanted) {
  text.erase(std::remove(text.begin(), text.end(), unwanted), text.end());
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// Spellings that other programs take for a number.
std::string number_hint(const YamlNode& node, bool (*fits)(const std::string&)) {
  const std::string& text = node.text;
  if (!node.plain) return fits(text) ? "remove the quotes" : "";
  const auto try_spelling = [&](const std::string& other) {
    return other != text && fits(other) ? "write " + other : std::string();
  };
  std::string comma = text;
  std::replace(comma.begin(), comma.end(), ',', '.');
  std::string zeros = text;
  while (zeros.size() > 1 && zeros[0] == '0' && is_digit(zeros[1])) zeros.erase(0, 1);
  const std::string point = text.substr(0, text.find('.'));
  const bool only_zeros = point.size() < text.size() &&
                          text.find_first_not_of('0', point.size() + 1) == std::string::npos;
  for (const std::string& other :
       {without(text, '_'), text.empty() || text[0] != '+' ? text : text.substr(1), comma, zeros,
        only_zeros ? point : text}) {
    const std::string hint = try_spelling(other);
    if (!hint.empty()) return hint;
  }
  if (text.size() > 2 && text[0] == '0' && !is_digit(text[1]) && text[1] != '.') {
    return "write the number in decimal";
  }
  const std::string word = lower(text);
  if (word.find("inf") != std::string::npos || word.find("nan") != std::string::npos) {
    return "write a finite number";
  }
  return "";
}

}  // namespace

Reading<bool> read_bool(const YamlNode& node) {
  if (node.kind != YamlKind::kScalar) return {};
  const std::string word = lower(node.text);
  if (node.plain && (node.text == "true" || node.text == "false")) return {word == "true", ""};
  if (!node.plain && (word == "true" || word == "false")) return {{}, "remove the quotes"};
  for (const char* yes : {"true", "yes", "on", "y", "1"}) {
    if (word == yes) return {{}, "write true"};
  }
  for (const char* no : {"false", "no", "off", "n", "0"}) {
    if (word == no) return {{}, "write false"};
  }
  return {};
}

Reading<std::int64_t> read_integer(const YamlNode& node) {
  if (node.kind != YamlKind::kScalar) return {};
  const std::string& text = node.text;
  if (!node.plain || !is_integer(text)) return {{}, number_hint(node, is_integer)};
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc()) return {{}, "write an integer of at most 64 bits"};
  return {value, ""};
}

Reading<double> read_number(const YamlNode& node) {
  if (node.kind != YamlKind::kScalar) return {};
  const std::string& text = node.text;
  if (!node.plain || !is_number(text)) {
    const bool percent = node.plain && !text.empty() && text.back() == '%';
    return {{}, percent ? "write a fraction: 50 % is 0.5" : number_hint(node, is_number)};
  }
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || !std::isfinite(value)) {
    return {{}, "write a number between 1e-307 and 1e308, or 0"};
  }
  return {value, ""};
}

Reading<std::string> read_string(const YamlNode& node) {
  if (node.kind != YamlKind::kScalar) return {};
  if (node.plain && (node.text == "true" || node.text == "false")) {
    return {{}, "write \"" + node.text + "\" in quotes if the word is meant"};
  }
  return {node.text, ""};
}

std::string yaml_string(const std::string& text) {
  const auto is_safe = [](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '/' || c == '.' || c == '-' || c == '+';
  };
  const std::string word = lower(text);
  const bool starts_safely = !text.empty() && is_safe(text[0]) && text[0] != '-' &&
                             text[0] != '.' && text[0] != '+' && !is_digit(text[0]);
  for (const char* reserved : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (word == reserved) return to_string(ParameterValue(text));
  }
  if (starts_safely && std::all_of(text.begin(), text.end(), is_safe)) return text;
  return to_string(ParameterValue(text));
}

}  // namespace pressroom
