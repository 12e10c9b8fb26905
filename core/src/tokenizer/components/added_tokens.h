// Added tokens: strings that are cut out of the text, as one id each, before anything else.
//
//   added.split_raw("Hi<|endoftext|>there", pieces);   // "Hi", id 50256, "there"
//
// They are looked for in two rounds: those with "normalized": false in the text as it came, the
// others in what the normalizer made of the rest, where they are spelled as it would spell them.
// Within a round the leftmost match wins and, of several at one place, the longest.
//
// The ids that a tokenizer.json gives them count for nothing in the reference, and so here: a
// content that the model's vocabulary has keeps the id that it has there, the others are numbered
// in the order of the list, from the size of the vocabulary on. Files whose ids were written by the
// reference itself say the same.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenizer/components/normalizer.h"

namespace pressroom {

// Finds the longest of many strings that a text begins with: the tokens of one round.
//
//   TokenTrie trie;
//   trie.add("<s>", 0);
//   trie.longest("<s>text");      // {0, 3}
class TokenTrie {
 public:
  struct Match {
    std::int32_t value;  // kNone without a match
    std::size_t length;
  };
  static constexpr std::int32_t kNone = -1;

  TokenTrie() { first_.fill(kNone); }

  // Adds `key`, which is not empty, with a `value` that is not negative. The first of equal keys
  // counts.
  void add(std::string_view key, std::int32_t value);

  // The longest key that `text` (not empty) begins with.
  Match longest(std::string_view text) const;

 private:
  struct Node {
    std::int32_t value = kNone;
    std::vector<std::pair<unsigned char, std::int32_t>> next;  // by byte, unsorted: few or one
  };

  std::int32_t child(std::int32_t node, unsigned char byte) const;

  std::array<std::int32_t, 256> first_;  // most texts fail at the first byte
  std::vector<Node> nodes_;
};

struct AddedToken {
  std::int64_t id = 0;
  std::string content;      // not empty
  bool lstrip = false;      // takes the white space before it, too
  bool rstrip = false;      // takes the white space after it, too
  bool normalized = false;  // looked for in the second round
  bool special = false;     // goes first where two are spelled alike when normalized
  bool own_bytes = true;  // stands for its content, and not for what the vocabulary spells with it
};

class AddedTokens {
 public:
  // Part of a text: the occurrence of an added token, or (id == kText) text between them.
  struct Piece {
    std::int64_t id;
    std::string_view text;
  };
  static constexpr std::int64_t kText = -1;

  // `tokens` with the ids that they have. Of several that are spelled alike the first counts.
  AddedTokens(std::vector<AddedToken> tokens, const Normalizer& normalizer);

  // Reads the array "added_tokens", or null for none, on top of the model's `vocabulary`. Throws
  // Error for an empty content, one of which the normalizer leaves nothing, and for single_word,
  // whose notion of a word is not understood.
  static AddedTokens from_json(const nlohmann::json& array,
                               const std::unordered_map<std::string, std::int32_t>& vocabulary,
                               const Normalizer& normalizer, const std::string& where);

  // Cut `text` (any bytes) into pieces, views into it, none of them empty: the first round, of a
  // text as it came, and the second, of a normalized one. They set `pieces`.
  void split_raw(std::string_view text, std::vector<Piece>& pieces) const;
  void split_normalized(std::string_view text, std::vector<Piece>& pieces) const;

  const std::vector<AddedToken>& tokens() const { return tokens_; }

 private:
  void split(const TokenTrie& round, std::string_view text, std::vector<Piece>& pieces) const;

  std::vector<AddedToken> tokens_;
  TokenTrie raw_;  // the values are indices of tokens_
  TokenTrie normalized_;
};

}  // namespace pressroom
