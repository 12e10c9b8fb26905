// What the samples of tasks.h are made from: keys, values, names of variables, sentences.
//
//   TaskWords words(*tokenizer, filler_ids);
//   CounterRng rng(seed, hash_stream("task", index));
//   words.key(&rng);                      // "gentle-harbour"
//   draw_digits(&rng, 7);                 // "4071936"
//   SentenceSource prose = words.prose(&rng);
//   prose.next();                         // "She was the youngest of the two daughters."
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"
#include "train/starter/counter_rng.h"

namespace pressroom {

// A number of `digits` digits that does not begin with 0.
std::string draw_digits(CounterRng* rng, int digits);

// A random UUID of version 4, in lower case.
std::string draw_uuid(CounterRng* rng);

// `letters` capital letters.
std::string draw_variable(CounterRng* rng, int letters);

// Consecutive sentences of a text, white space between words made one blank; from the beginning
// again where the text ends. The text must outlive it and have a blank in it.
class SentenceSource {
 public:
  SentenceSource(const std::string& text, std::size_t at);

  // Up to and with a full stop, question mark or exclamation mark; at most some 60 words.
  std::string next();

 private:
  std::string next_word();

  const std::string& text_;
  std::size_t at_;
};

class TaskWords {
 public:
  // Words and sentences are those of `filler_ids`. Throws Error when it has fewer than two words
  // of 4 to 10 small letters.
  TaskWords(const Tokenizer& tokenizer, const std::vector<std::int64_t>& filler_ids);

  // A key of small letters: two words with a hyphen between them, or one. Some words are made up,
  // so that a key cannot be recognised by its being a word.
  std::string key(CounterRng* rng) const;

  // Sentences from a random place of the text on.
  SentenceSource prose(CounterRng* rng) const;

 private:
  std::string word(CounterRng* rng) const;

  std::string text_;
  std::vector<std::string> words_;  // sorted, distinct
};

}  // namespace pressroom
