// Which windows of which documents a campaign uses: chosen by the seed, the same for every method.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/run.h"
#include "pressroom/dataset.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// Consecutive tokens of a window: begin, and one past the last.
struct TokenRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// A stretch of consecutive tokens of one document.
struct Window {
  TokenDocument tokens;  // id "<document>@<token offset>"
  std::string ids_sha256;
  std::string provenance;
  std::int64_t scored_bytes = 0;  // of text the tokens after the first stand for
  std::int64_t scored_words = 0;
  std::vector<TokenRange> answers;  // of a task; every token that has a byte of the answer
};

// SHA-256 of token ids, each as 8 bytes little endian.
std::string token_ids_sha256(const std::vector<std::int64_t>& ids);

// `count` windows of `context_tokens` tokens. Every document is cut into windows that do not
// overlap; each window draws a number from (seed, document, offset) and the lowest `count` win, so
// the choice does not depend on the order of reading and no more than `count` windows are held in
// memory. Windows come in the order of the dataset. A document with answers is one window, whole.
// Throws Error when there are fewer than `count`, or when a document with answers is longer than
// `context_tokens`.
std::vector<Window> sample_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                   std::int64_t context_tokens, std::int64_t count,
                                   std::uint64_t seed);

}  // namespace pressroom
