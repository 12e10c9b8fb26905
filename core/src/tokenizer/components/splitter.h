// One Split of a pre-tokeniser: a pattern, and what becomes of its matches.
//
//   Splitter s = Splitter::from_json(R"({"pattern": {"String": "-"}, "behavior": "Removed"})"_json,
//                                    "tokenizer.json: pre_tokenizer");
//   s.split("a-b", work, words);     // "a", "b"
//
// The behaviors, for "a-b--c" and the pattern "-":
//   Isolated            a - b - - c
//   Removed             a b c
//   MergedWithPrevious  a- b- - c
//   MergedWithNext      a -b - -c
//   Contiguous          a - b -- c
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/components/split_pattern.h"

namespace pressroom {

class Splitter {
 public:
  enum class Behavior { kIsolated, kRemoved, kMergedWithPrevious, kMergedWithNext, kContiguous };

  // Working memory of split: one for each thread, for any number of splitters.
  struct Work {
    SplitPattern::Matcher matcher;
    std::vector<SplitPattern::Part> parts;
  };

  Splitter(const std::string& regex, Behavior behavior, const std::string& where)
      : pattern_(regex, where), behavior_(behavior) {}

  // Reads pattern, behavior and invert (which exchanges matches and gaps). Throws Error, with
  // `where` for its place, when one of them is not understood.
  static Splitter from_json(const nlohmann::json& component, const std::string& where);

  // Appends to `words` what is left of `text`: views into it, none empty. Each run of valid UTF-8
  // is split on its own; each stray byte is a word.
  void split(std::string_view text, Work& work, std::vector<std::string_view>& words) const;

 private:
  void split_run(std::string_view run, Work& work, std::vector<std::string_view>& words) const;

  SplitPattern pattern_;
  Behavior behavior_;
  bool invert_ = false;
};

}  // namespace pressroom
