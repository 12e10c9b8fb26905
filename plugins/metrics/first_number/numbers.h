// Numbers as they stand in text and in TeX, exactly: as fractions of integers of any size.
//
//   number_at("-1,234.50 euros")    // -2469/2, 9 bytes long
//   numbers_in("24/4 = \\frac12")   // 6, 1/2
//   whole_number("0.5") == whole_number("\\frac{1}{2}")
//
// A number is, with or without a sign and "$" before it,
//   - digits, or digits in groups of three with commas between, and decimals behind a point;
//   - two of these with "/" between them, or in \frac{}{}, \dfrac{}{}, \tfrac{}{}, also \frac12,
//     the lower one not 0.
// A sign directly behind a letter, a digit or a closing bracket is none: "5-3" has 5 and 3. Not
// read: exponents ("1e3" has 1 and 3), decimal commas, mixed fractions, percent as hundredths.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

struct Fraction {
  boost::multiprecision::cpp_int numerator = 0;
  boost::multiprecision::cpp_int denominator = 1;  // above 0

  bool operator==(const Fraction& other) const {
    return numerator * other.denominator == other.numerator * denominator;
  }
};

// A number that a text begins with.
struct NumberRead {
  Fraction value;
  std::size_t bytes = 0;
};

namespace number_reading {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline std::size_t digits_at(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return digits;
}

// "1,234.50", ".5", "7": without a sign.
inline std::optional<NumberRead> decimal_at(std::string_view text) {
  std::size_t end = digits_at(text);
  std::string digits(text.substr(0, end));
  // Commas belong to a number between groups of three: "1, 2" and "12,34" are two numbers.
  const bool grouped = end >= 1 && end <= 3;
  while (grouped && end < text.size() && text[end] == ',' && digits_at(text.substr(end + 1)) == 3) {
    digits += text.substr(end + 1, 3);
    end += 4;
  }
  const std::size_t decimals =
      end < text.size() && text[end] == '.' ? digits_at(text.substr(end + 1)) : 0;
  if (decimals > 0) {
    digits += text.substr(end + 1, decimals);
    end += 1 + decimals;
  }
  if (digits.empty()) return std::nullopt;
  // A leading 0 would make it octal.
  digits.erase(0, digits.find_first_not_of('0'));
  NumberRead read;
  if (!digits.empty()) read.value.numerator = boost::multiprecision::cpp_int(digits);
  read.value.denominator = boost::multiprecision::pow(boost::multiprecision::cpp_int(10),
                                                      static_cast<unsigned>(decimals));
  read.bytes = end;
  return read;
}

// `upper` over `lower`; nothing where that is 0.
inline std::optional<NumberRead> quotient(const NumberRead& upper, const NumberRead& lower,
                                          std::size_t bytes) {
  if (lower.value.numerator == 0) return std::nullopt;
  return NumberRead{{upper.value.numerator * lower.value.denominator,
                     upper.value.denominator * lower.value.numerator},
                    bytes};
}

// What stands in the braces that `text` begins with, or its first digit where it begins with one.
inline std::optional<NumberRead> tex_argument_at(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (is_digit(text[0])) return decimal_at(text.substr(0, 1));
  if (text[0] != '{') return std::nullopt;
  std::optional<NumberRead> read = decimal_at(text.substr(1));
  if (!read || read->bytes + 1 >= text.size() || text[read->bytes + 1] != '}') return std::nullopt;
  read->bytes += 2;
  return read;
}

inline std::optional<NumberRead> tex_fraction_at(std::string_view text) {
  for (const std::string_view command : {"\\frac", "\\dfrac", "\\tfrac"}) {
    if (text.substr(0, command.size()) != command) continue;
    const auto upper = tex_argument_at(text.substr(command.size()));
    if (!upper) return std::nullopt;
    const std::size_t at = command.size() + upper->bytes;
    const auto lower = tex_argument_at(text.substr(at));
    return lower ? quotient(*upper, *lower, at + lower->bytes) : std::nullopt;
  }
  return std::nullopt;
}

// Without a sign.
inline std::optional<NumberRead> unsigned_at(std::string_view text) {
  if (const auto fraction = tex_fraction_at(text)) return fraction;
  const auto upper = decimal_at(text);
  if (!upper || upper->bytes == text.size() || text[upper->bytes] != '/') return upper;
  const auto lower = decimal_at(text.substr(upper->bytes + 1));
  const auto whole =
      lower ? quotient(*upper, *lower, upper->bytes + 1 + lower->bytes) : std::nullopt;
  return whole ? whole : upper;
}

// Bytes of the sign that `text` begins with: "-", "+" or a true minus.
inline std::size_t sign_at(std::string_view text) {
  constexpr std::string_view kMinus = "\xe2\x88\x92";
  if (text.substr(0, kMinus.size()) == kMinus) return kMinus.size();
  return !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
}

}  // namespace number_reading

// The number that `text` begins with, sign included.
inline std::optional<NumberRead> number_at(std::string_view text) {
  const auto dollar_at = [text](std::size_t i) -> std::size_t {
    return i < text.size() && text[i] == '$' ? 1 : 0;
  };
  std::size_t at = dollar_at(0);
  const std::size_t sign = number_reading::sign_at(text.substr(at));
  const bool negative = sign > 0 && text[at] != '+';
  at += sign;
  at += at == sign ? dollar_at(at) : 0;  // "-$5" as "$-5"
  std::optional<NumberRead> read = number_reading::unsigned_at(text.substr(at));
  if (!read) return std::nullopt;
  if (negative) read->value.numerator = -read->value.numerator;
  read->bytes += at;
  return read;
}

// All numbers of `text`, in order.
inline std::vector<Fraction> numbers_in(std::string_view text) {
  std::vector<Fraction> numbers;
  std::size_t at = 0;
  while (at < text.size()) {
    const char before = at == 0 ? ' ' : text[at - 1];
    const bool letter = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z');
    const bool closing = before == ')' || before == ']' || before == '}';
    const bool behind_a_word = letter || closing || number_reading::is_digit(before);
    const bool is_joint = behind_a_word && number_reading::sign_at(text.substr(at)) > 0;
    const auto read = is_joint ? std::nullopt : number_at(text.substr(at));
    if (read) numbers.push_back(read->value);
    at += read ? read->bytes : 1;
  }
  return numbers;
}

// `text` where it is one number and nothing else.
inline std::optional<Fraction> whole_number(std::string_view text) {
  const auto read = number_at(text);
  return read && read->bytes == text.size() ? std::optional(read->value) : std::nullopt;
}

}  // namespace pressroom
