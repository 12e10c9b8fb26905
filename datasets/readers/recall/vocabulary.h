// The words that recall documents are made of.
//
//   Fact fact{key_names()[3], key_words()[17]};
//   fact.sentence();                       // " The key of Alice is bridge."
//   made_sentence(RandomKey(42).with(7));  // " At noon the old sailor mended the fence by the
//   road."
//
// Names and words are those the built-in model learned the form of the sentence from. They are
// listed here as well as in its trainer, since a reader links to the SDK alone, whose business the
// words of one data set are not; a test holds these to those. The made sentences use none of them,
// so that nothing in the filler looks like an answer.
#pragma once

#include <string>
#include <vector>

#include "draws.h"
#include "pressroom/random.h"

namespace pressroom {

// Whom a fact can be about (64) and what it can say (128), without the blank before.
const std::vector<std::string>& key_names();
const std::vector<std::string>& key_words();

// How every fact begins.
inline constexpr const char* kFactLead = " The key of ";

// What must be remembered: the key of `name` is `word`.
struct Fact {
  std::string name;
  std::string word;

  // " The key of NAME is": what a question is. The answer is " WORD".
  std::string question() const;
  // The question, answered, with a full stop.
  std::string sentence() const;
};

// A plain English sentence with a blank before it, drawn by `key` from 16^6 of them.
std::string made_sentence(RandomKey key);

}  // namespace pressroom
