// How good the starter model is: bits per byte of held-out text, and recall at a distance. And what
// the bits are measured by: those of an n-gram model of bytes.
//
//   double bits = bits_per_byte(net, *tokenizer, text, {1024, 512});
//   double hit = recall_accuracy(net, task, {512, 8, 4, RecallOrder::kQuestionsLast}, 100, 7);
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenizer/tokenizer.h"
#include "train/starter/llama_net.h"
#include "train/starter/recall.h"
#include "train/starter/tasks.h"

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

// The same over samples of tasks.h; nothing where one of them does not fit into its length.
std::optional<double> task_accuracy(const LlamaNet& net, const TaskSamples& tasks,
                                    const TaskSpec& spec, std::int64_t samples, std::uint64_t seed);

// A byte n-gram model with interpolated Witten-Bell smoothing, the yardstick.
//
//   NgramModel ngram(5);
//   ngram.add(training_text);
//   double bits = ngram.bits_per_byte(held_out_text);
//
// An order-n model looks at the n - 1 bytes before. With c(h x) the count of byte x after context
// h, c(h) their sum and t(h) the number of different bytes seen after h,
//
//   p(x | h) = (c(h x) + t(h) p(x | h')) / (c(h) + t(h)),
//
// where h' is h without its first byte; below the empty context lies the uniform distribution.
class NgramModel {
 public:
  // 1 <= order <= 8.
  explicit NgramModel(int order);

  // Counts `text`; contexts do not reach over its beginning.
  void add(std::string_view text);

  // p(byte | the last order - 1 bytes of `context`), which may be shorter.
  double probability(std::string_view context, unsigned char byte) const;

  // Mean of -log2 p over all bytes of `text`, each with what precedes it in `text`. `text` must not
  // be empty.
  double bits_per_byte(std::string_view text) const;

 private:
  struct Followers {
    std::int64_t total = 0;
    std::vector<std::pair<unsigned char, std::int64_t>> counts;  // in the order of first sight
  };

  int order_;
  std::vector<std::unordered_map<std::uint64_t, Followers>> by_length_;  // of the context, in bytes
};

}  // namespace pressroom
