// The vocabulary of a GGUF file as the BPE that it stands for.
#pragma once

#include <string>
#include <vector>

#include "gguf/gguf_file.h"
#include "tokenizer/bpe/bpe_model.h"
#include "tokenizer/components/added_tokens.h"

namespace pressroom {

struct GgufTokens {
  // Reads tokenizer.ggml.tokens and token_type. Throws Error when they are missing or at odds.
  explicit GgufTokens(const GgufFile& file);

  // What is found wherever it is spelled out in a text: token_type 2, 3 and 4.
  std::vector<AddedToken> added() const;

  std::string where;  // for messages
  std::vector<std::string> texts;
  std::vector<std::int64_t> types;  // token_type, 1 for all where the file does not say
};

// Of the kind "gpt2": tokens and merges. Throws Error when they do not fit together.
BpeDefinition gguf_byte_level_vocabulary(const GgufFile& file, const GgufTokens& tokens);

// Of the kind "llama": the merges are all pairs of tokens that together are a token, and the higher
// the score of that one, the lower their rank; pairs of equal scores share one. Throws Error when
// there is not a score for each token.
BpeDefinition gguf_scored_vocabulary(const GgufFile& file, const GgufTokens& tokens);

}  // namespace pressroom
