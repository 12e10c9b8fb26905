// The pre-tokeniser: cuts text into the words that BPE never merges merged.
//
//   PreTokenizer gpt2 = PreTokenizer::from_json(R"({"type": "ByteLevel"})"_json, "tokenizer.json");
//   gpt2.split("two  words", true, work);     // work.words: " two", " ", " words"
//
// Understood: null, which takes the text for one word; ByteLevel (add_prefix_space, use_regex),
// which comes last; Split; Digits; Metaspace; and a Sequence of these. The byte alphabet of
// ByteLevel is a matter of spelling only and belongs to the model: words here are plain bytes.
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/components/split_pattern.h"

namespace pressroom {

class PreTokenizer {
 public:
  // Working memory of split, and its result; one for each thread, reused from text to text.
  struct Work {
    std::vector<std::string_view> words;

    Splitter::Work splitting;
    std::vector<std::string_view> before;  // the words that a step begins with
    std::deque<std::string> changed;       // those that a step has changed
  };

  // Reads the component "pre_tokenizer". Throws Error, with `where` for its place, when it is not
  // one of the above.
  static PreTokenizer from_json(const nlohmann::json& component, const std::string& where);

  // Sets `work.words` to the words of `text`, any bytes: views into `text` or `work`, good until
  // either changes. `begins` says that `text` is the beginning of what is encoded.
  void split(std::string_view text, bool begins, Work& work) const;

  // Whether there is a ByteLevel, so that the model is to be one of bytes.
  bool byte_level() const { return byte_level_; }

 private:
  // Puts `prefix` before a word that does not begin with it.
  struct Prefix {
    std::string prefix;
    bool first_only;  // before the word that begins the text, no other
  };
  struct Spaces {  // replaces each space
    std::string replacement;
  };
  using Step = std::variant<Splitter, Prefix, Spaces>;

  void add(const nlohmann::json& component, const std::string& where);
  void add_byte_level(const nlohmann::json& component, const std::string& where);
  void add_metaspace(const nlohmann::json& component, const std::string& where);
  static void run(const Step& step, bool begins, Work& work);

  std::vector<Step> steps_;
  bool byte_level_ = false;
};

}  // namespace pressroom
