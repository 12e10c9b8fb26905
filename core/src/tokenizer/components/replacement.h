// What is done on the way there and back: Replace, a part of normalizers and of decoders, and the
// options of Metaspace, a pre-tokeniser and a decoder.
//
//   Replacement spaces = Replacement::from_json(
//       R"({"pattern": {"String": " "}, "content": "▁"})"_json, "tokenizer.json: normalizer");
//   spaces.apply("two words", result);     // result == "two▁words"
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "tokenizer/components/split_pattern.h"

namespace pressroom {

// Sets `result` to `text` with every `from`, which is not empty, replaced by `to`.
void replace_all(std::string_view text, std::string_view from, std::string_view to,
                 std::string& result);

// Replaces every occurrence of a pattern.
class Replacement {
 public:
  // Reads "pattern", a {"String": ...} that is not empty or a {"Regex": ...}, and "content". Throws
  // Error, with `where` for its place, for any other pattern.
  static Replacement from_json(const nlohmann::json& component, const std::string& where);

  // Sets `result` to `text`, which may be any bytes, with the occurrences replaced.
  void apply(std::string_view text, std::string& result) const;

 private:
  void apply_regex(std::string_view text, std::string& result) const;

  std::string string_;
  std::optional<SplitPattern> regex_;  // instead of string_
  std::string content_;
};

// Metaspace marks spaces with a character of its own: as a pre-tokeniser when encoding, as a
// decoder on the way back.
struct Metaspace {
  enum class Prepend { kNever, kFirst, kAlways };

  // Reads replacement, prepend_scheme (or the older add_prefix_space) and split. Throws Error, with
  // `where` for its place, when one of them is not understood.
  static Metaspace from_json(const nlohmann::json& component, const std::string& where);

  std::string replacement;  // one character
  Prepend prepend;          // where a text that does not begin with it gets one
  bool split;               // whether each begins a word
};

}  // namespace pressroom
