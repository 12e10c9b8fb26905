// BPE over bytes, the model of GPT-2 and its descendants: every byte is a symbol to begin with. And
// the alphabet in which such a vocabulary is spelled.
//
//   ByteLevelBpe model(BpeDefinition::from_json(file.at("model"), "gpt2.json: model"));
//   model.encode(" the", work, ids);     // appends 262
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/bpe/bpe_model.h"

namespace pressroom {

// The byte-level alphabet: how a tokenizer.json spells arbitrary bytes as visible text.
//
//   spelling_of_byte(' ')      == "Ġ"     (U+0120)
//   bytes_spelled_by("Ġthe")   == " the"
//
// The 188 bytes that are visible in Latin-1 ('!'..'~', 0xA1..0xAC, 0xAE..0xFF) are spelled by the
// character of the same code point; the other 68, in ascending order, by U+0100, U+0101, ...

// The character, in UTF-8, that spells `byte`.
std::string spelling_of_byte(unsigned char byte);

// The bytes that `token` spells, or nothing when a character of it is not in the alphabet.
std::optional<std::string> bytes_spelled_by(std::string_view token);

class ByteLevelBpe : public BpeModel {
 public:
  // A vocabulary spelled in the byte alphabet. Throws Error for byte_fallback, which has no meaning
  // here, when a byte is lacking for which it would be used.
  explicit ByteLevelBpe(const BpeDefinition& vocabulary);

  void encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const override;

 private:
  void spell(std::string_view word, std::vector<std::int32_t>& symbols) const;

  std::string where_;
  std::array<std::int32_t, 256> id_of_byte_;  // kNoId where the vocabulary lacks the byte
  std::optional<std::int32_t> unknown_;
  bool fuse_unknown_;
  std::unordered_map<std::string, std::int32_t> whole_words_;  // by their bytes; ignore_merges only
  BpeMerges merges_;
};

}  // namespace pressroom
