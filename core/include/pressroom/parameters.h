// Declared parameters: what a plugin can be told, written down so that a config is checked, and
// `pressroom show NAME` prints, before any model is loaded.
//
//   return {integer("n_sink", 4, "first tokens, never evicted").at_least(0).alias("sinks"),
//           tokens_or_fraction("recent", 0.2, "last tokens, never evicted")};
//
// The host checks the values a user wrote against the declaration and hands the plugin a
// `Parameters` in which every declared name has a value of the declared type.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pressroom {

class Method;

enum class ParameterType {
  kBool,
  kInteger,
  kNumber,
  kString,
  kPath,              // a string; relative paths are resolved against the config file's folder,
                      // and ORGANISATION/NAME that is no path in the hub cache
  kTokensOrFraction,  // an integer is a count of tokens, a number below 1 a fraction of the budget
  kIntegerList,
  kNumberList,
  kStringList,
  kMethod,  // another eviction method, `{name: ..., ...}`: what a wrapper method wraps
};

// "integer", "number", "tokens or fraction" ...: the word used in messages and by `show`.
const char* to_string(ParameterType type);

// A number of tokens, given absolutely or as a share of the budget.
struct TokensOrFraction {
  double value = 0;

  // Tokens under a budget of `budget_tokens`; a fraction is truncated, int(value * budget), as in
  // the reference implementations.
  std::int64_t tokens(std::int64_t budget_tokens) const;
  bool is_fraction() const { return value > 0 && value < 1; }
  bool operator==(const TokensOrFraction& other) const { return value == other.value; }
};

// A method that the host has already made and configured, for the wrapper that asked for it.
using InnerMethod = std::shared_ptr<Method>;

using ParameterValue = std::variant<std::monostate, bool, std::int64_t, double, std::string,
                                    TokensOrFraction, std::vector<std::int64_t>,
                                    std::vector<double>, std::vector<std::string>, InnerMethod>;

// A value as it stands in YAML and JSON ("0.2", "[1, 2]", "true"); "" for std::monostate.
std::string to_string(const ParameterValue& value);

// The declaration of one parameter. Made by the functions below, whose last argument is the help
// text, and refined by chaining.
struct ParameterSpec {
  std::string name;
  ParameterType type = ParameterType::kString;
  ParameterValue default_value;      // std::monostate: the parameter must be given
  std::optional<double> minimum;     // inclusive; for numbers and for each element of a list
  std::optional<double> maximum;     // inclusive
  bool is_odd = false;               // for kInteger: even numbers are refused
  std::vector<std::string> choices;  // for kString: the only values there are
  std::vector<std::string> aliases;  // other spellings accepted in YAML
  std::string help_text;             // one line: meaning and unit

  ParameterSpec& at_least(double value);
  ParameterSpec& at_most(double value);
  ParameterSpec& odd();
  ParameterSpec& one_of(std::vector<std::string> values);
  ParameterSpec& alias(std::string other_name);

  bool required() const { return std::holds_alternative<std::monostate>(default_value); }
  // "integer >= 0", "string, one of a, b": type and range in words, for messages and `show`.
  std::string accepts() const;
};

ParameterSpec boolean(std::string name, bool default_value, std::string help);
ParameterSpec integer(std::string name, std::int64_t default_value, std::string help);
ParameterSpec number(std::string name, double default_value, std::string help);
ParameterSpec string(std::string name, std::string default_value, std::string help);
// kPath; "" stands for none.
ParameterSpec optional_path(std::string name, std::string help);
ParameterSpec tokens_or_fraction(std::string name, double default_value, std::string help);
ParameterSpec integer_list(std::string name, std::vector<std::int64_t> default_value,
                           std::string help);
ParameterSpec number_list(std::string name, std::vector<double> default_value, std::string help);
ParameterSpec string_list(std::string name, std::vector<std::string> default_value,
                          std::string help);
// Without a default: the config must give it.
ParameterSpec required(std::string name, ParameterType type, std::string help);
// A method that a wrapper wraps; always required.
ParameterSpec inner_method(std::string name, std::string help);

// Checked values by declared name. Asking for an undeclared name, or for another type than the
// declared one, is a bug in the plugin and asserts.
class Parameters {
 public:
  Parameters() = default;
  explicit Parameters(std::map<std::string, ParameterValue> values) : values_(std::move(values)) {}

  bool boolean(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  const std::string& string(const std::string& name) const;  // kString and kPath
  TokensOrFraction tokens_or_fraction(const std::string& name) const;
  const std::vector<std::int64_t>& integers(const std::string& name) const;
  const std::vector<double>& numbers(const std::string& name) const;
  const std::vector<std::string>& strings(const std::string& name) const;
  InnerMethod method(const std::string& name = "inner") const;

  const std::map<std::string, ParameterValue>& values() const { return values_; }

 private:
  std::map<std::string, ParameterValue> values_;
};

}  // namespace pressroom
