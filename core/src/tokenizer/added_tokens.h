// Added tokens: strings that are cut out of the text, as one id each, before anything else.
//
//   added.split("Hi<|endoftext|>there", pieces);   // "Hi", id 50256, "there"
//
// They are looked for in two rounds, those with "normalized": false first; within a round the
// leftmost match wins and, of several at one place, the longest.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

struct AddedToken {
  std::int64_t id = 0;
  std::string content;      // not empty
  bool lstrip = false;      // takes the white space before it, too
  bool rstrip = false;      // takes the white space after it, too
  bool normalized = false;  // looked for in the second round
};

class AddedTokens {
 public:
  // Part of a text: the occurrence of an added token, or (id == kText) text between them.
  struct Piece {
    std::int64_t id;
    std::string_view text;
  };
  static constexpr std::int64_t kText = -1;

  // Reads the array "added_tokens". Throws Error for an empty content and for single_word, whose
  // notion of a word is not understood.
  static AddedTokens from_json(const nlohmann::json& array, const std::string& where);

  // Cuts `text` (any bytes) into pieces, views into it, none of them empty.
  std::vector<Piece> split(std::string_view text) const;

  const std::vector<AddedToken>& tokens() const { return tokens_; }

 private:
  // Indices of the tokens of a round by their first byte, longest content first.
  using Round = std::array<std::vector<std::size_t>, 256>;

  void index(Round& round, bool normalized) const;
  const AddedToken* match(const Round& round, std::string_view text) const;
  void split(const Round& round, std::string_view text, std::vector<Piece>& pieces) const;

  std::vector<AddedToken> tokens_;
  Round first_;
  Round second_;
};

}  // namespace pressroom
