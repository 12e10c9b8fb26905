#include "tokenizer/components/splitter.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

using nlohmann::json;
using Behavior = Splitter::Behavior;
using Parts = std::vector<SplitPattern::Part>;

Behavior read_behavior(const json& value, const std::string& where) {
  if (value == "Isolated") return Behavior::kIsolated;
  if (value == "Removed") return Behavior::kRemoved;
  if (value == "MergedWithPrevious") return Behavior::kMergedWithPrevious;
  if (value == "MergedWithNext") return Behavior::kMergedWithNext;
  if (value == "Contiguous") return Behavior::kContiguous;
  refuse_option(where, "behavior", value,
                "Isolated, Removed, MergedWithPrevious, MergedWithNext or Contiguous");
}

std::string regex_for(const std::string& literal) {
  std::string regex;
  for (const char c : literal) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (c > ' ' && c < 0x7F && !alphanumeric) regex += '\\';
    regex += c;
  }
  return regex;
}

std::string read_pattern(const json& pattern, const std::string& where) {
  const json& regex = member(pattern, "Regex");
  if (regex.is_string()) return regex.get<std::string>();
  const json& literal = member(pattern, "String");
  if (literal.is_string()) return regex_for(literal.get<std::string>());
  refuse_option(where, "pattern", pattern, R"({"Regex": "..."} or {"String": "..."})");
}

// Whether no word ends between the neighbours `left` and `right`.
bool joins(Behavior behavior, const SplitPattern::Part& left, const SplitPattern::Part& right) {
  switch (behavior) {
    case Behavior::kMergedWithPrevious:
      return right.match && !left.match;
    case Behavior::kMergedWithNext:
      return left.match && !right.match;
    case Behavior::kContiguous:
      return left.match == right.match;
    default:
      return false;
  }
}

}  // namespace

Splitter Splitter::from_json(const json& component, const std::string& where) {
  const Behavior behavior = read_behavior(member(component, "behavior"), where);
  Splitter result(read_pattern(required(component, "pattern", where), where), behavior, where);
  result.invert_ = flag(component, "invert", false, where);
  return result;
}

void Splitter::split(std::string_view text, Work& work,
                     std::vector<std::string_view>& words) const {
  for_each_utf8_run(text, [&](std::string_view run, bool valid) {
    if (valid) {
      split_run(run, work, words);
    } else {
      words.push_back(run);
    }
  });
}

void Splitter::split_run(std::string_view run, Work& work,
                         std::vector<std::string_view>& words) const {
  if (behavior_ == Behavior::kIsolated) return pattern_.isolate(run, work.matcher, words);
  Parts& parts = work.parts;
  parts.clear();
  pattern_.split(run, work.matcher, parts);
  for (SplitPattern::Part& part : parts) part.match = part.match != invert_;
  for (std::size_t i = 0; i < parts.size();) {
    const char* begin = parts[i].text.data();
    const bool removed = behavior_ == Behavior::kRemoved && parts[i].match;
    std::size_t length = parts[i].text.size();
    while (++i < parts.size() && joins(behavior_, parts[i - 1], parts[i])) {
      length += parts[i].text.size();
    }
    if (!removed) words.emplace_back(begin, length);
  }
}

}  // namespace pressroom
