#include "tokenizer/split_syntax.h"

#include <cctype>
#include <cstring>
#include <string_view>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr char kSpaces[] =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";

class Translation {
 public:
  Translation(const std::string& pattern, const std::string& where)
      : pattern_(pattern), where_(where) {}

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
    if (c == 'p' || c == 'P' || c == 'x') return braced_escape();
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

  void braced_escape() {
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
    if (!counted || next == '+' || next == '?') refuse(length + 1);
    copy(length);
  }

  void copy(std::size_t length) {
    result_.append(pattern_, at_, length);
    at_ += length;
  }

  [[noreturn]] void refuse(std::size_t length) const {
    throw Error({"the split pattern uses \"" + pattern_.substr(at_, length) +
                     "\", which is not known to mean the same in PCRE2",
                 where_, "a pattern of literals, classes, \\p{..}, \\s, \\d, groups and repeats",
                 pattern_, "spell that part out with \\p{..} or a class"});
  }

  const std::string& pattern_;
  const std::string& where_;
  std::string result_;
  std::size_t at_ = 0;
  bool in_class_ = false;
};

}  // namespace

std::string to_pcre2_syntax(const std::string& pattern, const std::string& where) {
  return Translation(pattern, where).run();
}

}  // namespace pressroom
