// Split patterns: regular expressions that cut text into words, and the Splits of pre-tokenisers
// that are made of one each.
//
//   SplitPattern gpt2(kGpt2Split, "tokenizer.json");
//   gpt2.isolate("It's 2024", matcher, words);   // "It", "'s", " 2024"
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

// The pattern of a ByteLevel pre-tokeniser with use_regex: GPT-2's.
extern const char kGpt2Split[];

// A compiled pattern.
class SplitPattern {
 public:
  // Working memory of a match: one for each thread, for any number of patterns and texts.
  class Matcher {
   public:
    Matcher();
    ~Matcher();
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;

   private:
    friend class SplitPattern;
    struct State;
    std::unique_ptr<State> state_;
  };

  // Compiles `pattern`, in the syntax that split_syntax.h describes. Throws Error, with `where` for
  // its place, when it is malformed, not understood, or can match the empty string.
  SplitPattern(const std::string& pattern, const std::string& where);
  ~SplitPattern();
  SplitPattern(SplitPattern&&) noexcept;
  SplitPattern& operator=(SplitPattern&&) noexcept;

  struct Part {
    std::string_view text;
    bool match;  // or a gap between matches
  };

  // Appends to `words` every match of the pattern in `text` and every non-empty gap between them,
  // in order: views that partition `text`. `text` must be valid UTF-8. Safe to call from several
  // threads, each with its own `matcher`. Throws Error when a match exceeds the limits of PCRE2,
  // which needs a pattern that backtracks over nested repeats.
  void isolate(std::string_view text, Matcher& matcher, std::vector<std::string_view>& words) const;

  // The same, and says which are matches.
  void split(std::string_view text, Matcher& matcher, std::vector<Part>& parts) const;

 private:
  struct Code;

  // Calls use(text, match) for each part.
  template <class Use>
  void walk(std::string_view text, Matcher& matcher, Use use) const;

  std::unique_ptr<Code> code_;
};

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
