// The normalizer: what is done to a text before words are looked for.
//
//   Normalizer mistral = Normalizer::from_json(file.at("normalizer"), "mistral.json: normalizer");
//   mistral.apply("two words", work);     // "▁two▁words"
//
// Understood: NFC, Prepend, Replace (replacement.h), and a Sequence of these.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/components/replacement.h"

namespace pressroom {

// Unicode normalisation form C, NFC: composed characters, marks in canonical order.
//
//   to_nfc("e\u0301", result);        // true, result == "\u00e9"
//   to_nfc("plain text", result);     // false: nothing to change, result is left alone
//
// The tables are those of utf8proc, except that the marks which Unicode gained after version 9 stay
// where they are and let nothing pass: so does the library that wrote the tokenizer files, and ids
// must be the same.
//
// Whether `text` (any bytes; stray ones stay) may change under NFC; if so, sets `result` to its
// NFC. Linear up to a logarithm in the longest run of marks.
bool to_nfc(std::string_view text, std::string& result);

class Normalizer {
 public:
  // Working memory of apply, and its result; one for each thread, reused from text to text.
  struct Work {
    std::string current;
    std::string next;
  };

  // Reads the component "normalizer", null for none. Throws Error, with `where` for its place, when
  // it is not one of the above.
  static Normalizer from_json(const nlohmann::json& component, const std::string& where);

  // `text`, normalized: itself or a view into `work`, good until either changes. Bytes that are no
  // UTF-8 stay. An empty text stays empty.
  std::string_view apply(std::string_view text, Work& work) const;

 private:
  struct Nfc {};
  struct Prepend {
    std::string content;
  };

  void add(const nlohmann::json& component, const std::string& where);

  std::vector<std::variant<Nfc, Prepend, Replacement>> steps_;
};

}  // namespace pressroom
