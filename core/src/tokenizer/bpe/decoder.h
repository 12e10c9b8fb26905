// The decoder: tokens back to text.
//
//   TokenDecoder mistral = TokenDecoder::from_json(file.at("decoder"), "mistral.json: decoder");
//   mistral.decode({"▁Hello", "▁world", "<0x0A>"});     // "Hello world\n"
//   mistral.bytes_of("▁Hello");                         // " Hello"
//
// Understood: ByteLevel, alone; Replace, ByteFallback, Fuse, Strip, Metaspace; a Sequence of these.
// Bytes that are no UTF-8 stay what they are.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "tokenizer/components/replacement.h"

namespace pressroom {

class TokenDecoder {
 public:
  // Reads the component "decoder". Throws Error, with `where` for its place, when it is not one of
  // the above.
  static TokenDecoder from_json(const nlohmann::json& component, const std::string& where);

  // The text that `tokens`, as the vocabulary spells them, make together.
  std::string decode(std::vector<std::string> tokens) const;

  // The bytes that `token` stands for in the middle of a text: without what is done only at the
  // ends of one.
  std::string bytes_of(const std::string& token) const;

  // Whether it is ByteLevel, for which a text is the bytes_of its tokens one after the other.
  bool byte_level() const { return byte_level_; }

 private:
  struct ByteFallback {};
  struct Fuse {};
  struct Strip {
    std::string content;  // one character
    std::size_t start;    // how many of it to take away at most
    std::size_t stop;
  };
  using Step = std::variant<Replacement, ByteFallback, Fuse, Strip, Metaspace>;

  void add(const nlohmann::json& component, const std::string& where);
  static void strip(const Strip& step, std::string& token);

  std::vector<Step> steps_;
  bool byte_level_ = false;
};

}  // namespace pressroom
