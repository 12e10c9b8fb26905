// Which tokens separate: punctuation and line ends, as ids of the model's vocabulary.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "pressroom/declaration.h"
#include "pressroom/error.h"
#include "pressroom/method.h"
#include "pressroom/selection.h"

namespace pressroom {

// A field of a method: Declaration::part.
class Separators {
 public:
  // `separator_ids`, and `separator_strings` for when no ids are given.
  static Declaration<Separators> declare() {
    return Declaration<Separators>("which tokens separate")
        .parameter(&Separators::strings_,
                   string_list("separator_strings", {".", ",", "?", "!", ";", ":", "\n"},
                               "a token is a separator if, blanks aside, it is one of these; with "
                               "\"\\n\" also if it is nothing but line ends and tabs"))
        .parameter(&Separators::given_,
                   integer_list("separator_ids", {},
                                "token ids of the separators; empty for those of separator_strings")
                       .at_least(0));
  }

  void configure(const Parameters& parameters) {
    declare().configure(*this, parameters);
    std::sort(given_.begin(), given_.end());
    ids_ = given_;
    if (given_.empty() && strings_.empty()) {
      throw Error({"there are no separators", "", "separator_strings or separator_ids", "neither",
                   "give one of them"});
    }
  }

  // Looks the ids up. Throws Error where the vocabulary lacks one of the strings, or the ids.
  void bind(const ModelContext& context) {
    ids_ = given_;
    if (ids_.empty()) return look_up(context.vocabulary);
    if (ids_.back() < context.model.vocabulary) return;
    throw Error({"a separator is not in the vocabulary", "separator_ids",
                 "ids below " + std::to_string(context.model.vocabulary),
                 std::to_string(ids_.back()), "give ids of this model's tokenizer"});
  }

  // The cache indices in `range` that hold separators.
  Indices within(const HeadView& head, IndexRange range) const {
    const at::Tensor tokens = head.token_ids().contiguous();
    const std::int64_t* token = tokens.data_ptr<std::int64_t>();
    Indices found;
    for (std::int64_t j = range.begin; j < range.end; ++j) {
      if (std::binary_search(ids_.begin(), ids_.end(), token[j])) found.push_back(j);
    }
    return found;
  }

  const std::vector<std::int64_t>& ids() const { return ids_; }  // ascending

 private:
  // The string of strings_ that makes a token of this text a separator; the end if none does.
  std::vector<std::string>::const_iterator string_of(std::string text) const {
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    if (!text.empty() && text.find_first_not_of("\r\n\t") == std::string::npos) text = "\n";
    return std::find(strings_.begin(), strings_.end(), text);
  }

  void look_up(const Vocabulary* vocabulary) {
    if (vocabulary == nullptr) {
      throw Error({"the model came without a tokenizer, so its separators are not known", "",
                   "separator_ids", "separator_strings", "give separator_ids"});
    }
    std::vector<bool> has_token(strings_.size(), false);
    for (std::int64_t id = 0; id < vocabulary->size(); ++id) {
      const auto string = string_of(vocabulary->token_text(id));
      if (string == strings_.end()) continue;
      ids_.push_back(id);
      has_token[static_cast<std::size_t>(string - strings_.begin())] = true;
    }
    std::string missing;
    for (std::size_t i = 0; i < strings_.size(); ++i) {
      if (has_token[i]) continue;
      missing += (missing.empty() ? "" : ", ") + to_string(ParameterValue(strings_[i]));
    }
    if (missing.empty()) return;
    throw Error({"the tokenizer has no token for a separator", "separator_strings",
                 "strings that are tokens, blanks aside", missing,
                 "leave them out of separator_strings, or give separator_ids"});
  }

  std::vector<std::string> strings_;
  std::vector<std::int64_t> given_;
  std::vector<std::int64_t> ids_;
};

// How many separators stay.
inline ParameterSpec separators_parameter(double default_value) {
  return tokens_or_fraction("separators", default_value,
                            "most recent separators that stay: tokens, or a fraction of the budget")
      .alias("separator_size");
}

// The recent window of the methods with separators.
inline ParameterSpec local_parameter(double default_value) {
  return tokens_or_fraction("local", default_value,
                            "last entries, never evicted: tokens, or a fraction of the budget")
      .alias("local_size");
}

}  // namespace pressroom
