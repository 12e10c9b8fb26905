// How good the starter model is: bits per byte of held-out text, and recall at a distance.
//
//   double bits = bits_per_byte(net, *tokenizer, text, {1024, 512});
//   double hit = recall_accuracy(net, task, {512, 8, 4, RecallOrder::kQuestionsLast}, 100, 7);
#pragma once

#include <cstdint>
#include <string_view>

#include "tokenizer/tokenizer.h"
#include "train/starter/llama_net.h"
#include "train/starter/recall.h"

namespace pressroom {

// Windows of `length` tokens; in each but the first only the last `stride` tokens are scored, so
// that every token but the text's first is scored once, with length - stride tokens before it or
// more. stride <= length.
struct ScoringWindow {
  std::int64_t length = 1024;
  std::int64_t stride = 512;
};

// Bits the model needs for `text` per byte of text. The first token is neither scored nor counted.
// Throws Error when the text is shorter than two tokens.
double bits_per_byte(const LlamaNet& net, const Tokenizer& tokenizer, std::string_view text,
                     const ScoringWindow& window);

// The share in [0, 1] of questions whose answer tokens are all the most likely ones, over `samples`
// samples of `spec`. Samples 0..samples-1 of `seed` are used.
double recall_accuracy(const LlamaNet& net, const RecallTask& task, const RecallSpec& spec,
                       std::int64_t samples, std::uint64_t seed);

}  // namespace pressroom
