#include "yaml/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "base/utf8.h"
#include "pressroom/parameters.h"
#include "yaml/yaml_builder.h"

namespace pressroom {
namespace {

// What to do about the syntax errors that people make most.
std::string advice(const std::string& message) {
  struct Advice {
    const char* part;
    const char* fix;
  };
  static constexpr Advice kAdvice[] = {
      {"flow", "close the bracket: every [ needs its ] and every { its }"},
      {"illegal map value", "check the indentation; a value that contains \": \" needs quotes"},
      {"end of map", "check the indentation: keys of one mapping start in the same column"},
      {"end of sequence", "check the indentation: the items of one list start in the same column"},
      {"tab", "indent with spaces"},
      {"unknown token", "put the value in quotes"},
      {"alias", "write the value out: aliases are not accepted"},
      {"anchor", "write the value out: aliases are not accepted"},
  };
  for (const Advice& entry : kAdvice) {
    if (message.find(entry.part) != std::string::npos) return entry.fix;
  }
  return "check the indentation, brackets and quotes here and on the line before";
}

class SecondDocument : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  YAML::Mark start;
};

[[noreturn]] void throw_empty(const YamlText& text) {
  const YamlPlace place = text.whole();
  if (place.source > 0)
    throw Error({"the value is empty", place.text(), "a value", "nothing",
                 "write a value behind the \"=\", or leave the flag out"});
  throw Error({"the config is empty", place.text(), "a campaign", "nothing but blanks and comments",
               "check the path, or begin with a copy of configs/quickstart.yaml"});
}

[[noreturn]] void throw_syntax(const YamlText& text, const YamlBuilder& builder,
                               const YAML::Exception& error) {
  const std::size_t offset = text.offset(error.mark.line, error.mark.column);
  const auto open = builder.innermost_flow();
  // An unclosed bracket is noticed at the end of the file; what helps is where it was opened.
  if (open && error.msg.find("flow not found") != std::string::npos) {
    const bool square = text.content()[*open] == '[';
    throw Error({"a bracket is never closed", text.place(*open).text(),
                 square ? "a closing ]" : "a closing }", "the end of the text",
                 "close the bracket"});
  }
  throw Error(
      {"this is not YAML: " + error.msg, text.place(offset).text(), "", "", advice(error.msg)});
}

}  // namespace

const YamlEntry* YamlNode::find(const std::string& key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

YamlEntry* YamlNode::find(const std::string& key) {
  return const_cast<YamlEntry*>(static_cast<const YamlNode*>(this)->find(key));
}

YamlNode parse_yaml(const YamlText& text, ProblemList& problems) {
  // Without a last line break yaml-cpp does not let a quote run on, and says less well where.
  std::istringstream stream(text.content() + '\n');
  YamlBuilder builder(text, problems);
  SecondDocument second;
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) throw_empty(text);
    if (parser.HandleNextDocument(second)) {
      throw Error({"a second document begins here",
                   text.place(text.offset(second.start.line, second.start.column)).text(),
                   "one document in a file", "\"---\"", "put each into a file of its own"});
    }
  } catch (const YAML::Exception& error) {
    throw_syntax(text, builder, error);
  }
  YamlNode root = builder.take_root();
  if (root.kind == YamlKind::kNull) throw_empty(text);
  return root;
}

std::string describe(const YamlNode& node) {
  constexpr std::size_t kMostBytes = 60;
  switch (node.kind) {
    case YamlKind::kScalar: {
      std::string text = node.text;
      if (text.size() > kMostBytes) {
        text.resize(valid_utf8_length(std::string_view(text).substr(0, kMostBytes)));
        text += "...";
      }
      return node.plain ? text : '"' + text + '"';
    }
    case YamlKind::kSequence:
      return "a list";
    case YamlKind::kMap:
      return "a mapping";
    default:
      return "nothing";
  }
}

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
