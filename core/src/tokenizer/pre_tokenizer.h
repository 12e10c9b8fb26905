// The pre-tokeniser: cuts text into the words that BPE never merges across.
//
//   PreTokenizer gpt2 = PreTokenizer::from_json(R"({"type": "ByteLevel"})"_json, "tokenizer.json");
//   gpt2.split("two  words", work);     // work.words: " two", " ", " words"
//
// Understood: ByteLevel (add_prefix_space, use_regex); Split by Regex with behavior Isolated;
// Digits; and a Sequence of these that ends with its one ByteLevel. The byte alphabet of ByteLevel
// is a matter of spelling only and belongs to the model: words here are plain bytes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/split_pattern.h"

namespace pressroom {

class PreTokenizer {
 public:
  // Working memory of split, and its result; one for each thread, reused from text to text.
  struct Work {
    std::vector<std::string_view> words;

    SplitPattern::Matcher matcher;
    std::vector<std::string_view> parts;
    std::string prefixed;
  };

  // Reads the component "pre_tokenizer". Throws Error, with `where` for its place, when it is not
  // one of the above.
  static PreTokenizer from_json(const nlohmann::json& component, const std::string& where);

  // Sets `work.words` to the words of `text`: views into `text` or `work`, good until either
  // changes. Each run of valid UTF-8 is split on its own; each stray byte is a word.
  void split(std::string_view text, Work& work) const;

 private:
  void add(const nlohmann::json& component, const std::string& where);
  void add_byte_level(const nlohmann::json& component, const std::string& where);
  void add_sequence(const nlohmann::json& component, const std::string& where);
  void add_split(const nlohmann::json& component, const std::string& where);
  void split_run(std::string_view run, Work& work) const;

  std::vector<SplitPattern> patterns_;  // each applied to the parts that the one before left
  bool byte_level_ = false;
  bool add_prefix_space_ = false;
};

}  // namespace pressroom
