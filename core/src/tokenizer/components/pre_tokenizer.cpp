#include "tokenizer/components/pre_tokenizer.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/components/component.h"
#include "tokenizer/components/replacement.h"

namespace pressroom {

using nlohmann::json;
using Behavior = Splitter::Behavior;

PreTokenizer PreTokenizer::from_json(const json& component, const std::string& where) {
  PreTokenizer result;
  if (!component.is_null()) result.add(component, where);
  return result;
}

void PreTokenizer::add(const json& component, const std::string& where) {
  const std::string type = component_type(component, where);
  if (byte_level_) {
    throw Error({"a pre_tokenizer follows ByteLevel", where, "ByteLevel last in a Sequence", type,
                 "use a model whose tokenizer.json has this order"});
  }
  if (type == "ByteLevel") return add_byte_level(component, where);
  if (type == "Metaspace") return add_metaspace(component, where);
  if (type == "Split") {
    steps_.emplace_back(Splitter::from_json(component, where));
  } else if (type == "Digits") {
    const bool each = flag(component, "individual_digits", false, where);
    steps_.emplace_back(Splitter(each ? R"(\p{N})" : R"(\p{N}+)", Behavior::kIsolated, where));
  } else if (type == "Sequence") {
    std::size_t i = 0;
    for (const json& part : required_list(component, "pretokenizers", where)) {
      add(part, where + ".pretokenizers[" + std::to_string(i++) + "]");
    }
  } else {
    refuse_component(where, "pre_tokenizer", type,
                     {"null", "ByteLevel", "Digits", "Metaspace", "Sequence", "Split"});
  }
}

void PreTokenizer::add_byte_level(const json& component, const std::string& where) {
  if (flag(component, "add_prefix_space", true, where)) steps_.emplace_back(Prefix{" ", false});
  if (flag(component, "use_regex", true, where)) {
    steps_.emplace_back(Splitter(kGpt2Split, Behavior::kIsolated, where));
  }
  byte_level_ = true;
}

void PreTokenizer::add_metaspace(const json& component, const std::string& where) {
  const Metaspace metaspace = Metaspace::from_json(component, where);
  const std::string& mark = metaspace.replacement;
  steps_.emplace_back(Spaces{mark});
  if (metaspace.prepend != Metaspace::Prepend::kNever) {
    steps_.emplace_back(Prefix{mark, metaspace.prepend == Metaspace::Prepend::kFirst});
  }
  if (!metaspace.split) return;
  const json split = {{"pattern", {{"String", mark}}}, {"behavior", "MergedWithNext"}};
  steps_.emplace_back(Splitter::from_json(split, where));
}

void PreTokenizer::split(std::string_view text, bool begins, Work& work) const {
  work.changed.clear();
  work.words.clear();
  if (!text.empty()) work.words.push_back(text);
  for (const Step& step : steps_) {
    if (work.words.empty()) return;
    const char* first = work.words.front().data();
    run(step, begins, work);
    // A Split that removes its matches may take the word that began the text: then none does.
    const bool removed = std::holds_alternative<Splitter>(step) &&
                         (work.words.empty() || work.words.front().data() != first);
    begins = begins && !removed;
  }
}

void PreTokenizer::run(const Step& step, bool begins, Work& work) {
  if (const auto* splitter = std::get_if<Splitter>(&step)) {
    work.before.swap(work.words);
    work.words.clear();
    for (const std::string_view word : work.before) {
      splitter->split(word, work.splitting, work.words);
    }
    return;
  }
  for (std::string_view& word : work.words) {
    if (const auto* prefix = std::get_if<Prefix>(&step)) {
      const bool wanted = begins || !prefix->first_only;
      begins = false;
      const std::string& mark = prefix->prefix;
      if (!wanted || word.compare(0, mark.size(), mark) == 0) continue;
      word = work.changed.emplace_back(mark).append(word);
    } else if (word.find(' ') != std::string_view::npos) {
      std::string& changed = work.changed.emplace_back();
      replace_all(word, " ", std::get<Spaces>(step).replacement, changed);
      word = changed;
    }
  }
}

}  // namespace pressroom
