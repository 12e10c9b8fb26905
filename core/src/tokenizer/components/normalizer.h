// The normalizer: what is done to a text before words are looked for.
//
//   Normalizer mistral = Normalizer::from_json(file.at("normalizer"), "mistral.json: normalizer");
//   mistral.apply("two words", work);     // "▁two▁words"
//
// Understood: NFC, Prepend, Replace, and a Sequence of these.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/components/replacement.h"

namespace pressroom {

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
