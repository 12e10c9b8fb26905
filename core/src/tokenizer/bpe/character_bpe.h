// BPE over characters, the model of SentencePiece-style tokenizers (Llama 2, Mistral, TinyLlama).
//
//   CharacterBpe model(BpeDefinition::from_json(file.at("model"), "mistral.json: model"));
//   model.encode("▁Hello▁world", work, ids);     // appends 22557, 1526
//
// A character that is no token becomes its bytes (byte_fallback), or else the unknown token. A
// stray byte of text that is not UTF-8 is treated as such a character of one byte.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/bpe/bpe_definition.h"
#include "tokenizer/bpe/bpe_model.h"
#include "tokenizer/bpe/merge_joints.h"

namespace pressroom {

class CharacterBpe : public BpeModel {
 public:
  // A vocabulary whose tokens are spelled in characters. Throws Error when two have one id.
  explicit CharacterBpe(const BpeDefinition& vocabulary);

  void encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const override;

 private:
  // The character that a text begins with: the id of its token, or kNone.
  struct Character {
    std::size_t length;
    char32_t code;
    std::int32_t id;
  };

  Character next(std::string_view text) const;
  bool can_cut(const Character& left, const Character& right) const;
  void encode_part(std::string_view part, Work& work, std::vector<std::int64_t>& ids) const;
  void spell(std::string_view part, std::vector<std::int32_t>& symbols) const;
  void refuse_without_unknown(std::string_view character) const;
  bool spell_bytes(std::string_view character, std::vector<std::int32_t>& symbols) const;

  std::string where_;
  std::vector<std::int32_t> id_of_character_;               // of the basic plane, by code point
  std::unordered_map<char32_t, std::int32_t> id_of_other_;  // beyond it
  std::array<std::int32_t, 256> id_of_byte_;                // all kNone without byte_fallback
  std::optional<std::int32_t> unknown_;
  bool fuse_unknown_;
  std::unordered_map<std::string, std::int32_t> whole_words_;  // ignore_merges only
  MergeJoints joints_;
  BpeMerges merges_;
};

}  // namespace pressroom
