// BPE over bytes, the model of GPT-2 and its descendants: every byte is a symbol to begin with.
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

#include "tokenizer/bpe/bpe_definition.h"
#include "tokenizer/bpe/bpe_model.h"

namespace pressroom {

class ByteLevelBpe : public BpeModel {
 public:
  // A vocabulary spelled in the byte alphabet. Throws Error for byte_fallback, which has no meaning
  // here, when a byte is lacking for which it would be used.
  explicit ByteLevelBpe(const BpeDefinition& vocabulary);

  void encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const override;

 private:
  void spell(std::string_view word, std::vector<std::int32_t>& symbols) const;

  std::string where_;
  std::array<std::int32_t, 256> id_of_byte_;  // kNone where the vocabulary lacks the byte
  std::optional<std::int32_t> unknown_;
  bool fuse_unknown_;
  std::unordered_map<std::string, std::int32_t> whole_words_;  // by their bytes; ignore_merges only
  BpeMerges merges_;
};

}  // namespace pressroom
