// Parameters in words: for messages, for `show`, and as they stand in YAML and JSON.
#include <array>
#include <charconv>
#include <cstdio>

#include "pressroom/error.h"
#include "pressroom/parameters.h"

namespace pressroom {
namespace {

// The shortest digits that read back as the same double, whatever the locale.
std::string digits(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

// A double-quoted string that JSON and YAML read alike.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

struct ValueText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return digits(value); }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(TokensOrFraction value) const { return digits(value.value); }
  std::string operator()(const InnerMethod&) const { return ""; }
  template <typename T>
  std::string operator()(const std::vector<T>& values) const {
    std::string text;
    for (const T& value : values) text += (text.empty() ? "" : ", ") + (*this)(value);
    return '[' + text + ']';
  }
};

std::string range_words(const std::optional<double>& minimum,
                        const std::optional<double>& maximum) {
  if (minimum && maximum) return " from " + digits(*minimum) + " to " + digits(*maximum);
  if (minimum) return " >= " + digits(*minimum);
  if (maximum) return " <= " + digits(*maximum);
  return "";
}

std::string choice_words(const std::vector<std::string>& choices, const std::string& lead) {
  if (choices.size() == 1) return " \"" + choices.front() + '"';
  std::string text;
  for (const std::string& choice : choices) text += (text.empty() ? lead : ", ") + choice;
  return text;
}

}  // namespace

const char* to_string(ParameterType type) {
  switch (type) {
    case ParameterType::kBool:
      return "true or false";
    case ParameterType::kInteger:
      return "integer";
    case ParameterType::kNumber:
      return "number";
    case ParameterType::kString:
      return "string";
    case ParameterType::kPath:
      return "path";
    case ParameterType::kTokensOrFraction:
      return "tokens or fraction";
    case ParameterType::kIntegerList:
      return "list of integers";
    case ParameterType::kNumberList:
      return "list of numbers";
    case ParameterType::kStringList:
      return "list of strings";
    case ParameterType::kMethod:
      return "method";
  }
  PRESSROOM_ASSERT(!"a parameter type without a word");
  return "";
}

std::string to_string(const ParameterValue& value) { return std::visit(ValueText(), value); }

std::string ParameterSpec::accepts() const {
  switch (type) {
    case ParameterType::kTokensOrFraction: {
      const std::string range = range_words(minimum, maximum);
      return "tokens (an integer) or a fraction of the budget (a number below 1)" +
             (range.empty() ? "" : "," + range);
    }
    case ParameterType::kStringList:
      return to_string(type) + choice_words(choices, ", each one of ");
    case ParameterType::kMethod:
      return "method: a name, or {name: ..., parameters}";
    default:
      return to_string(type) + range_words(minimum, maximum) + (is_odd ? ", odd" : "") +
             choice_words(choices, ", one of ");
  }
}

}  // namespace pressroom
