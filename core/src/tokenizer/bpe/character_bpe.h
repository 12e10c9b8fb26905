// BPE over characters, the model of SentencePiece-style tokenizers (Llama 2, Mistral, TinyLlama).
//
//   CharacterBpe model(BpeDefinition::from_json(file.at("model"), "mistral.json: model"));
//   model.encode("▁Hello▁world", work, ids);     // appends 22557, 1526
//
// A character that is no token becomes its bytes (byte_fallback), or else the unknown token. A
// stray byte of text that is not UTF-8 is treated as such a character of one byte. A word may be a
// whole text; it is cut where no merge reaches across (MergeJoints).
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/bpe/bpe_model.h"

namespace pressroom {

// Where a text can be cut so that BPE gives the same ids for the parts as for the whole.
//
// A SentencePiece-style model takes a whole text for one word. A merge that joins symbols across
// the boundary of two characters c|d takes a left part that ends with c and a right part that
// begins with d. So when no merge of the vocabulary has such parts, nothing is ever merged across
// c|d: the symbols on its two sides never see each other, and as merges are taken by rank and then
// from left to right, each side merges as it would alone. In English text that is so before nearly
// every "▁" (a space), which makes words of bounded length out of a text of any length.
//
// This speaks of characters that are symbols to begin with; whoever cuts must not do so beside a
// character that the vocabulary lacks, which begins as other symbols.
class MergeJoints {
 public:
  // The joints of all merges of `vocabulary`, whose tokens are spelled in characters.
  explicit MergeJoints(const BpeDefinition& vocabulary);

  // Whether some merge joins a symbol that ends with `left` to one that begins with `right`.
  bool joined(char32_t left, char32_t right) const {
    if (left < kAscii && right < kAscii) return ascii_[left][right];
    const std::uint64_t pair = pair_of(left, right);
    return slots_[slot_of(pair)] == pair;
  }

 private:
  static constexpr char32_t kAscii = 128;
  static constexpr std::uint64_t kEmpty = UINT64_MAX;

  static std::uint64_t pair_of(char32_t left, char32_t right) {
    return std::uint64_t{left} << 32 | right;
  }
  std::size_t slot_of(std::uint64_t pair) const;

  std::array<std::bitset<kAscii>, kAscii> ascii_;
  std::vector<std::uint64_t> slots_;  // open addressing, a power of two, at most half full
};

class CharacterBpe : public BpeModel {
 public:
  // A vocabulary whose tokens are spelled in characters. Throws Error when two have one id.
  explicit CharacterBpe(const BpeDefinition& vocabulary);

  void encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const override;

 private:
  // The character that a text begins with: the id of its token, or kNoId.
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
  std::array<std::int32_t, 256> id_of_byte_;                // all kNoId without byte_fallback
  std::optional<std::int32_t> unknown_;
  bool fuse_unknown_;
  std::unordered_map<std::string, std::int32_t> whole_words_;  // ignore_merges only
  MergeJoints joints_;
  BpeMerges merges_;
};

}  // namespace pressroom
