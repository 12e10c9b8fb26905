// The options of Metaspace, which marks spaces with a character of its own: as a pre-tokeniser
// when encoding, as a decoder on the way back.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

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
