// The Tokenizer of byte-level BPE: added tokens, pre-tokeniser, model and post-processor in a row.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/byte_level_bpe.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

class ByteLevelTokenizer : public Tokenizer {
 public:
  // Reads a whole tokenizer.json; `name` is what messages call the file. Throws Error for a
  // component that is not understood and for an added token at odds with the vocabulary;
  // nlohmann::json::exception where a member is missing or of the wrong type.
  ByteLevelTokenizer(const nlohmann::json& file, const std::string& name);

  std::vector<std::int64_t> encode(std::string_view text, Special special) const override;
  std::string decode(const std::vector<std::int64_t>& ids) const override;
  std::string token_bytes(std::int64_t id) const override;
  std::int64_t vocabulary_size() const override;

 private:
  void check_ids(const std::vector<std::int64_t>& ids, const std::string& where) const;
  void include_added_tokens(const std::string& where);
  const std::string& bytes_of(std::int64_t id) const;

  std::string name_;
  AddedTokens added_tokens_;
  PreTokenizer pre_tokenizer_;
  ByteLevelBpe model_;
  SpecialTemplate template_;
  std::vector<std::optional<std::string>> tokens_;  // the bytes of each id, added ones included
};

}  // namespace pressroom
