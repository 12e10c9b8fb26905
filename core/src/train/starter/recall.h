// Recall: facts early in a sequence, questions about them later, ordinary text in between.
//
//   RecallTask task(*tokenizer, filler_ids);
//   RecallSample sample = task.make({512, 8, 4, RecallOrder::kQuestionsLast}, seed, index);
//   for (const RecallAnswer& a : sample.answers) ...  // sample.ids[a.first .. a.last): the answer
//
// A fact reads " The key of Anna is river." and a question is the same sentence again: who has read
// the fact can say the word after "is", who has not (or has evicted it) can only guess among many.
// Names and words within a sample are distinct, so an answer is right only if the right fact was
// found. Every sample is a pure function of (filler, spec, seed, index).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace pressroom {

enum class RecallOrder {
  kQuestionsLast,  // all facts, then filler, then all questions: the benchmark
  kInterleaved     // each question anywhere after its fact: dense supervision for training
};

struct RecallSpec {
  std::int64_t length_tokens = 512;
  std::int64_t facts = 8;
  std::int64_t questions = 4;
  RecallOrder order = RecallOrder::kQuestionsLast;
  bool is_terse = false;  // sentences are " Anna is river.", more of them fit: for training
};

// One question: where its answer stands, and where the fact it asks about was stated.
struct RecallAnswer {
  std::int64_t first;       // index of the answer's first token
  std::int64_t last;        // one past its last token
  std::int64_t fact_first;  // index of the same word's first token in the fact
};

struct RecallSample {
  std::vector<std::int64_t> ids;        // exactly length_tokens
  std::vector<RecallAnswer> answers;    // one a question, in order
  std::vector<std::int64_t> statement;  // 1 for tokens of facts and questions, 0 for filler
};

// The names and words that facts are made of (64 and 128 of them), without the blank before.
const std::vector<std::string>& recall_names();
const std::vector<std::string>& recall_words();

class RecallTask {
 public:
  // `filler_ids` is ordinary text, longer than any sample; it must outlive the task.
  RecallTask(const Tokenizer& tokenizer, const std::vector<std::int64_t>& filler_ids);

  // Throws Error when the sentences do not fit into the length, or there are more facts than names.
  RecallSample make(const RecallSpec& spec, std::uint64_t seed, std::uint64_t index) const;

  // Tokens of the longest possible sentence: facts + questions times this always fits.
  std::int64_t longest_sentence(bool is_terse) const;

 private:
  const std::vector<std::int64_t>& filler_ids_;
  std::vector<std::int64_t> lead_, link_, stop_;  // " The key of", " is", "."
  std::vector<std::vector<std::int64_t>> names_, words_;
};

}  // namespace pressroom
