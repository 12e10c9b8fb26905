#include "tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/component.h"
#include "tokenizer/utf8.h"

namespace pressroom {

using nlohmann::json;

PreTokenizer PreTokenizer::from_json(const json& component, const std::string& where) {
  PreTokenizer result;
  result.add(component, where);
  if (result.byte_level_) return result;
  throw Error({"the pre_tokenizer has no ByteLevel", where,
               "ByteLevel, alone or last in a Sequence", component_type(component),
               "use a model with a byte-level tokenizer.json"});
}

void PreTokenizer::add(const json& component, const std::string& where) {
  const std::string type = component_type(component);
  if (byte_level_) {
    throw Error({"a pre_tokenizer follows ByteLevel", where, "ByteLevel last in a Sequence", type,
                 "use a model whose tokenizer.json has this order"});
  }
  if (type == "ByteLevel") return add_byte_level(component, where);
  if (type == "Sequence") return add_sequence(component, where);
  if (type == "Split") return add_split(component, where);
  if (type == "Digits") {
    const bool each = flag(component, "individual_digits", false);
    patterns_.emplace_back(each ? R"(\p{N})" : R"(\p{N}+)", where);
    return;
  }
  refuse_component(where, "pre_tokenizer", type, {"ByteLevel", "Digits", "Sequence", "Split"});
}

void PreTokenizer::add_byte_level(const json& component, const std::string& where) {
  add_prefix_space_ = flag(component, "add_prefix_space", true);
  if (add_prefix_space_ && !patterns_.empty()) {
    refuse_option(where, "add_prefix_space", true,
                  "false where ByteLevel follows another splitter");
  }
  if (flag(component, "use_regex", true)) patterns_.emplace_back(kGpt2Split, where);
  byte_level_ = true;
}

void PreTokenizer::add_sequence(const json& component, const std::string& where) {
  std::size_t i = 0;
  for (const json& part : component.at("pretokenizers")) {
    add(part, where + ".pretokenizers[" + std::to_string(i++) + "]");
  }
}

void PreTokenizer::add_split(const json& component, const std::string& where) {
  const json& behavior = member(component, "behavior");
  if (behavior != "Isolated") refuse_option(where, "behavior", behavior, "\"Isolated\"");
  if (flag(component, "invert", false)) refuse_option(where, "invert", true, "false");
  const json& pattern = component.at("pattern");
  const json& regex = member(pattern, "Regex");
  if (!regex.is_string()) refuse_option(where, "pattern", pattern, "{\"Regex\": \"...\"}");
  patterns_.emplace_back(regex.get<std::string>(), where);
}

void PreTokenizer::split(std::string_view text, Work& work) const {
  work.words.clear();
  if (add_prefix_space_ && !text.empty() && text.front() != ' ') {
    work.prefixed.assign(1, ' ').append(text);
    text = work.prefixed;
  }
  while (!text.empty()) {
    const std::size_t valid = valid_utf8_length(text);
    if (valid > 0) split_run(text.substr(0, valid), work);
    if (valid < text.size()) work.words.push_back(text.substr(valid, 1));
    text.remove_prefix(std::min(valid + 1, text.size()));
  }
}

void PreTokenizer::split_run(std::string_view run, Work& work) const {
  if (patterns_.size() == 1) return patterns_.front().isolate(run, work.matcher, work.words);
  std::vector<std::string_view> parts{run};
  for (const SplitPattern& pattern : patterns_) {
    work.parts.clear();
    for (const std::string_view part : parts) pattern.isolate(part, work.matcher, work.parts);
    parts.swap(work.parts);
  }
  work.words.insert(work.words.end(), parts.begin(), parts.end());
}

}  // namespace pressroom
