#include "tokenizer/components/split_syntax.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

#include "pressroom/error.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

constexpr char kSpaces[] =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";

// The letters and the numbers of Unicode 16 that Unicode 14 does not have.
constexpr char kYoungLetters[] =
    R"(\x{1c89}-\x{1c8a}\x{a7cb}-\x{a7cd}\x{a7da}-\x{a7dc}\x{105c0}-\x{105f3})"
    R"(\x{10d4a}-\x{10d65}\x{10d6f}-\x{10d85}\x{10ec2}-\x{10ec4}\x{1123f}-\x{11240})"
    R"(\x{11380}-\x{11389}\x{1138b}\x{1138e}\x{11390}-\x{113b5}\x{113b7}\x{113d1}\x{113d3})"
    R"(\x{11bc0}-\x{11be0}\x{11f02}\x{11f04}-\x{11f10}\x{11f12}-\x{11f33}\x{1342f})"
    R"(\x{13441}-\x{13446}\x{13460}-\x{143fa}\x{16100}-\x{1611d}\x{16d40}-\x{16d6c}\x{18cff})"
    R"(\x{1b132}\x{1b155}\x{1df25}-\x{1df2a}\x{1e030}-\x{1e06d}\x{1e4d0}-\x{1e4eb})"
    R"(\x{1e5d0}-\x{1e5ed}\x{1e5f0}\x{2b739}\x{2ebf0}-\x{2ee5d}\x{31350}-\x{323af})";

constexpr char kYoungNumbers[] =
    R"(\x{10d40}-\x{10d49}\x{116d0}-\x{116e3}\x{11bf0}-\x{11bf9}\x{11f50}-\x{11f59})"
    R"(\x{16130}-\x{16139}\x{16d70}-\x{16d79}\x{1ccf0}-\x{1ccf9}\x{1d2c0}-\x{1d2d3})"
    R"(\x{1e4f0}-\x{1e4f9}\x{1e5f1}-\x{1e5fa})";

class Translation {
 public:
  Translation(const std::string& pattern, bool young, const std::string& where)
      : pattern_(pattern), young_(young), where_(where) {}

  std::string run() {
    while (at_ < pattern_.size()) step();
    return result_;
  }

 private:
  void step() {
    const char c = pattern_[at_];
    if (c == '\\') return escape();
    if (in_class_) return class_member(c);
    if (c == '[') return open_class();
    if (c == '(') return group();
    if (c == '{') return repeat();
    copy(1);
  }

  void escape() {
    const char c = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
    if (c == 's') return space(false);
    if (c == 'S' && !in_class_) return space(true);
    if (c == 'p' || c == 'P' || c == 'x') return braced_escape(c);
    const bool same = c != '\0' && std::strchr("dDrntf ", c) != nullptr;
    const bool punctuation =
        c > ' ' && c < 0x7F && std::isalnum(static_cast<unsigned char>(c)) == 0;
    if (!same && !punctuation) refuse(2);
    copy(2);
  }

  void space(bool negated) {
    const std::string set = (negated ? "^" : "") + std::string(kSpaces);
    result_ += in_class_ ? set : "[" + set + "]";
    at_ += 2;
  }

  // \p{L} or \P{L}; the complement cannot be widened by a set within a class.
  void property(char c, const std::string& young) {
    const std::string known = "\\p" + pattern_.substr(at_ + 2, 3);
    if (c == 'P' && in_class_) return copy(5);
    result_ += in_class_ ? known + young : (c == 'P' ? "[^" : "[") + known + young + "]";
    at_ += 5;
  }

  void braced_escape(char c) {
    if (young_ && pattern_.compare(at_ + 2, 3, "{L}") == 0) return property(c, kYoungLetters);
    if (young_ && pattern_.compare(at_ + 2, 3, "{N}") == 0) return property(c, kYoungNumbers);
    const std::size_t close = pattern_.find('}', at_);
    if (pattern_.compare(at_ + 2, 1, "{") != 0 || close == std::string::npos) refuse(2);
    copy(close + 1 - at_);
  }

  void open_class() {
    in_class_ = true;
    copy(pattern_.compare(at_, 2, "[^") == 0 ? 2 : 1);
    if (pattern_.compare(at_, 1, "]") == 0) refuse(1);
  }

  void class_member(char c) {
    if (c == '[') refuse(1);
    // Like "[" above: an intersection and a nested class in Oniguruma, characters in PCRE2.
    if (pattern_.compare(at_, 2, "&&") == 0) refuse(2);
    in_class_ = c != ']';
    copy(1);
  }

  void group() {
    for (const std::string_view known : {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"}) {
      if (pattern_.compare(at_, known.size(), known) == 0) return copy(known.size());
    }
    if (pattern_.compare(at_, 2, "(?") == 0 || pattern_.compare(at_, 2, "(*") == 0) refuse(3);
    copy(1);
  }

  void repeat() {
    const std::size_t close = pattern_.find('}', at_);
    const std::size_t length = close == std::string::npos ? 0 : close + 1 - at_;
    const bool counted = length > 2 && std::isdigit(static_cast<unsigned char>(pattern_[at_ + 1]));
    const char next = at_ + length < pattern_.size() ? pattern_[at_ + length] : '\0';
    // Behind a count these are possessive and lazy in PCRE2, a repeat of the repeat in Oniguruma.
    if (!counted || next == '+' || next == '?') refuse(length + 1);
    copy(length);
  }

  void copy(std::size_t length) {
    result_.append(pattern_, at_, length);
    at_ += length;
  }

  [[noreturn]] void refuse(std::size_t length) const {
    throw Error({"the split pattern uses " + json_quoted(pattern_.substr(at_, length)) +
                     ", which is not known to mean the same in PCRE2",
                 where_, "a pattern of literals, classes, \\p{..}, \\s, \\d, groups and repeats",
                 json_quoted(pattern_), "spell that part out with \\p{..} or a class"});
  }

  const std::string& pattern_;
  const bool young_;
  const std::string& where_;
  std::string result_;
  std::size_t at_ = 0;
  bool in_class_ = false;
};

}  // namespace

bool may_have_young_characters(std::string_view text) {
  // The lead bytes of U+1000 to U+1FFF, U+A000 to U+AFFF, and everything beyond the basic plane.
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xE1 || byte == 0xEA || byte >= 0xF0;
  });
}

std::string to_pcre2_syntax(const std::string& pattern, bool young, const std::string& where) {
  return Translation(pattern, young, where).run();
}

}  // namespace pressroom
