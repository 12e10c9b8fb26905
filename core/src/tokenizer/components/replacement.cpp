#include "tokenizer/components/replacement.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tokenizer/components/component.h"

namespace pressroom {

using nlohmann::json;

void replace_all(std::string_view text, std::string_view from, std::string_view to,
                 std::string& result) {
  result.clear();
  result.reserve(text.size() + text.size() / 2);
  std::size_t done = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, done)) {
    result.append(text, done, at - done).append(to);
    done = at + from.size();
  }
  result.append(text, done);
}

Replacement Replacement::from_json(const json& component, const std::string& where) {
  Replacement result;
  result.content_ = required_text(component, "content", where);
  const json& pattern = required(component, "pattern", where);
  const json& string = member(pattern, "String");
  const json& regex = member(pattern, "Regex");
  if (regex.is_string()) {
    result.regex_.emplace(regex.get<std::string>(), where);
    return result;
  }
  if (!string.is_string() || string == "") {
    refuse_option(where, "pattern", pattern, R"({"String": "..."} or {"Regex": "..."})");
  }
  result.string_ = string.get<std::string>();
  return result;
}

void Replacement::apply(std::string_view text, std::string& result) const {
  if (regex_) return apply_regex(text, result);
  replace_all(text, string_, content_, result);
}

void Replacement::apply_regex(std::string_view text, std::string& result) const {
  SplitPattern::Matcher matcher;
  std::vector<SplitPattern::Part> parts;
  result.clear();
  for_each_utf8_run(text, [&](std::string_view run, bool valid) {
    parts.clear();
    if (valid) {
      regex_->split(run, matcher, parts);
    } else {
      parts.push_back({run, false});
    }
    for (const auto& part : parts) result += part.match ? std::string_view(content_) : part.text;
  });
}

Metaspace Metaspace::from_json(const json& component, const std::string& where) {
  Metaspace result;
  result.replacement = required_text(component, "replacement", where);
  const std::size_t size = result.replacement.size();
  if (size == 0 || character_length(result.replacement) != size) {
    refuse_option(where, "replacement", result.replacement, "one character");
  }
  const json& scheme = member(component, "prepend_scheme");
  if (scheme.is_null()) {
    const bool prepend = flag(component, "add_prefix_space", true, where);
    result.prepend = prepend ? Prepend::kAlways : Prepend::kNever;
  } else if (scheme == "always") {
    result.prepend = Prepend::kAlways;
  } else if (scheme == "first") {
    result.prepend = Prepend::kFirst;
  } else if (scheme == "never") {
    result.prepend = Prepend::kNever;
  } else {
    refuse_option(where, "prepend_scheme", scheme, "always, first or never");
  }
  result.split = flag(component, "split", true, where);
  return result;
}

}  // namespace pressroom
