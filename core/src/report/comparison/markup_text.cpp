#include "report/comparison/markup_text.h"

#include <regex>

namespace pressroom {

std::string markdown_escaped(const std::string& text) {
  std::string result;
  for (const char c : text.substr(0, text.find_last_not_of(' ') + 1)) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += ' ';
    } else {
      if (std::string("\\|*_`[]~#").find(c) != std::string::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

std::string markdown_list(const std::string& what, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "- " + what + markdown_escaped(line) + "\n";
  return text;
}

namespace {

// One character of text as LaTeX sets it; "" for those that need no care.
std::string special(char c) {
  switch (c) {
    case '\\':
      return "\\textbackslash{}";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "$<$";
    case '>':
      return "$>$";
    case '|':
      return "$|$";
    case '"':
      return "''";  // \\textquotedbl is of T1 alone, and of no default document
    case '[':
    case ']':
      return std::string("{") + c + "}";  // never an optional argument
    case '&':
    case '%':
    case '$':
    case '#':
    case '_':
    case '{':
    case '}':
      return std::string("\\") + c;
    default:
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? " " : "";
  }
}

void replace_all(const std::string& from, const std::string& to, std::string& text) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// "3.3e-16" as $3.3\\times 10^{-16}$, "-0.1" as $-$0.1. Labels are left alone: in them such text
// follows a letter.
std::string with_numbers_set(const std::string& text) {
  static const std::regex exponent("(^|[ {}+$-])([0-9.]{1,24})e([+-])0{0,3}([0-9]{1,4})");
  static const std::regex minus("(^|[ }(])-([0-9])");
  std::string result;
  std::size_t done = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), exponent), end; at != end; ++at) {
    const std::smatch& match = *at;
    result += text.substr(done, static_cast<std::size_t>(match.position()) - done);
    result += match.str(1) + "$" + match.str(2) + "\\times 10^{" +
              (match.str(3) == "-" ? "-" : "") + match.str(4) + "}$";
    done = static_cast<std::size_t>(match.position() + match.length());
  }
  return std::regex_replace(result + text.substr(done), minus, "$1$$-$$$2");
}

}  // namespace

std::string latex_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const std::string replacement = special(c);
    result += replacement.empty() ? std::string(1, c) : replacement;
  }
  return result;
}

std::string latex_cell(const std::string& text) {
  std::string set = latex_escaped(text.substr(0, text.find_last_not_of(' ') + 1));
  replace_all("+-", "$\\pm$", set);
  replace_all("-$>$", "$\\to$", set);
  return with_numbers_set(set);
}

std::string latex_paragraphs(const std::string& what, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    std::string set = latex_escaped(what + line);
    replace_all("+-", "$\\pm$", set);
    text += "\\par " + set + "\n";
  }
  return text;
}

}  // namespace pressroom
