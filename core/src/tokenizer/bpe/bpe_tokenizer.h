// The Tokenizer of all BPE vocabularies: added tokens, normalizer, pre-tokeniser, model and
// post-processor in a row; and the decoder for the way back.
//
//   BpeTokenizer tokenizer(BpeTokenizer::parts_of(file, "gpt2.json"));
//   tokenizer.encode(" the", Special::kNone);     // {262}
//
// Whoever wants a tokenizer of a file, of whatever kind, calls Tokenizer::load.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/bpe/bpe_model.h"
#include "tokenizer/bpe/decoder.h"
#include "tokenizer/components/added_tokens.h"
#include "tokenizer/components/normalizer.h"
#include "tokenizer/components/pre_tokenizer.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// The post-processor: the special tokens that go around a text. For Llama 3 that is {128000} before
// it and nothing after.
struct SpecialTemplate {
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> after;
};

class BpeTokenizer : public Tokenizer {
 public:
  // What it is made of, in the order of encoding, and what for messages and ids.
  struct Parts {
    std::string name;  // what messages call the file
    Normalizer normalizer;
    AddedTokens added_tokens;
    PreTokenizer pre_tokenizer;
    SpecialTemplate special;
    TokenDecoder decoder;
    std::unique_ptr<BpeModel> model;
    std::vector<std::optional<std::string>> tokens;  // as spelled in the file, nothing for a gap
  };

  // Reads a whole tokenizer.json. Throws Error for a component that is not understood, and
  // where a member is missing or of the wrong kind.
  static Parts parts_of(const nlohmann::json& file, const std::string& name);

  // Throws Error for an added token at odds with the vocabulary, for a template with an id that is
  // not in it, and when one of pre-tokeniser and decoder is byte-level and the other is not.
  explicit BpeTokenizer(Parts parts);

  std::vector<std::int64_t> encode(std::string_view text, Special special) const override;
  std::string decode(const std::vector<std::int64_t>& ids) const override;
  std::string token_bytes(std::int64_t id) const override;
  std::int64_t vocabulary_size() const override;
  std::int64_t base_vocabulary_size() const override { return base_vocabulary_size_; }

 private:
  struct Work;

  void check_ids(const std::vector<std::int64_t>& ids) const;
  void check_kind() const;
  void include_added_tokens();
  void encode_piece(std::string_view piece, bool begins, Work& work,
                    std::vector<std::int64_t>& ids) const;
  bool has(std::int64_t id) const;
  void require(std::int64_t id) const;

  Parts parts_;
  std::int64_t base_vocabulary_size_;
  std::vector<std::string> bytes_;  // of each id; of no meaning in a gap
};

// The model that goes with the pre-tokeniser.
std::unique_ptr<BpeModel> make_model(const BpeDefinition& vocabulary, const PreTokenizer& before);

}  // namespace pressroom
