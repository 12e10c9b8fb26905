// A document that asks for something, as a window: its tokens, where its questions and answers
// stand among them, and what the answers are judged by.
//
//   const Window window = task_window(document, 1024, protocol, tokenizer);
//   window.tokens.questions;   // {{700, 712, 714}, {714, 726, 729}}
//   window.asked[1].expected;  // " 48"
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/window.h"
#include "pressroom/dataset.h"
#include "protocol/protocol.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// The whole of `document`, which has answers. Under `questions` its context, and each question with
// its answer, become tokens by themselves, so that a question has the same tokens whatever stands
// before it: those that follow the context's in the tokens of context and question together, where
// these begin with the context's; else those of the question's text alone. Under other protocols
// its text becomes tokens as a whole.
//
// Throws Error, naming the document, where it has more than `context_tokens` tokens, where an
// answer is no part of its text or has no token to be scored, where two questions have one id, and
// under `questions` where it has no context, or a question without a token.
Window task_window(const Document& document, std::int64_t context_tokens, const Protocol& protocol,
                   const Tokenizer& tokenizer);

}  // namespace pressroom
