// A window: the tokens of a document, or of a part of it, as every method of a campaign is given
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/run.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// Consecutive tokens of a window: begin, and one past the last.
struct TokenRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// What an answer of a task is judged by, in words: as in the reader's Answer (pressroom/dataset.h),
// with what it leaves open filled in.
struct AskedAnswer {
  std::string id;
  std::string question;                 // the text before it; "" where that is not told apart
  std::string expected;                 // the answer as it stands in the document
  std::vector<std::string> references;  // at least one
  std::vector<std::string> options;
  std::int64_t most_tokens = 0;  // 0: what the config says
};

// A stretch of consecutive tokens of one document.
struct Window {
  TokenDocument tokens;  // id "<document>@<token offset>"
  std::string ids_sha256;
  std::string provenance;
  std::int64_t scored_bytes = 0;  // of text the tokens after the first stand for
  std::int64_t scored_words = 0;
  std::vector<TokenRange> answers;  // of a task; every token that has a byte of the answer
  std::vector<AskedAnswer> asked;   // one for each answer
  std::vector<std::string> stop;    // generation of an answer ends before any of these
  // Of all that answers are judged by and spans: what results depend on beside the tokens; "" where
  // there is nothing.
  std::string task_sha256;
};

// Fills scored_bytes and scored_words by the window's tokens.
void count_scored_text(const Tokenizer& tokenizer, Window& window);

// SHA-256 of token ids, each as 8 bytes little endian.
std::string token_ids_sha256(const std::vector<std::int64_t>& ids);

}  // namespace pressroom
