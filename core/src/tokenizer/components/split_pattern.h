// A compiled split pattern: cuts text into words.
//
//   SplitPattern gpt2(kGpt2Split, "tokenizer.json");
//   gpt2.isolate("It's 2024", matcher, words);   // "It", "'s", " 2024"
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

// The pattern of a ByteLevel pre-tokeniser with use_regex: GPT-2's.
extern const char kGpt2Split[];

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

}  // namespace pressroom
