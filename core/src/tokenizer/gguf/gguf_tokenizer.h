// The tokenizer that a GGUF file carries beside its weights.
//
//   auto tokenizer = gguf_tokenizer(GgufFile("SmolLM2-135M.gguf"));
//
// Two kinds of tokenizer.ggml.model are understood:
//
//   gpt2    byte-level BPE. tokenizer.ggml.pre names the split pattern and, with it, the
//           normalizer; a file without it is refused.
//   llama   SentencePiece BPE. Of two neighbours those are merged whose union has the highest
//           score, the leftmost first, as SentencePiece does it: the scores are the merges.
//
// Unknown, control and user-defined tokens (token_type 2, 3, 4) are found wherever they are spelled
// out in the text. BOS and EOS go around it as add_bos_token and add_eos_token say; where they are
// absent, only "llama" and the pattern of Llama 3 add BOS.
#pragma once

#include <memory>

#include "gguf/gguf_file.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// Throws Error when the file has no vocabulary, one of another kind, or a damaged one.
std::unique_ptr<Tokenizer> gguf_tokenizer(const GgufFile& file);

}  // namespace pressroom
