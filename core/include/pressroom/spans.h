// Named stretches of a document: where its instruction stands, its context, the evidence of an
// answer. A dataset reader names them in bytes (Span); metrics and policies see them in tokens
// (SpanTokens), which are every token that has a byte of the stretch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace pressroom {

// A stretch of a document's text. What became of its entries can be asked for (metric `spans`), and
// a method may keep them (method `protect`).
struct Span {
  std::string name;       // "instruction", "question", "evidence"; several may share one
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;    // one past the last byte
  // The answer whose evidence it is, an index into the document's answers; -1: of none.
  std::int64_t answer = -1;
};

// The same in tokens.
struct SpanTokens {
  std::string name;
  std::int64_t begin = 0;  // index of a token
  std::int64_t end = 0;    // one past the last
  std::int64_t answer = -1;
};

}  // namespace pressroom
