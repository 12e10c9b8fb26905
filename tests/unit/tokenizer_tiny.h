// A byte-level tokenizer that is small enough to work ids out by hand.
#pragma once

#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test {

// Twelve merges, ids 256 to 267 in the order of their ranks; added tokens; and one word, 268,
// that no merge makes. A visible ASCII character c has the id c - 33, a space 220.
inline json tiny() {
  json vocab = alphabet();
  json merges;
  for (const char* merge : {"l o", "lo w", "e r", "Ġ low", "n e", "ne w", "Ġ new", "1 2", "a a",
                            "aa aa", "Ã ©", "low er"}) {
    std::string joined = merge;
    joined.erase(joined.find(' '), 1);
    vocab[joined] = vocab.size();
    merges.push_back(merge);
  }
  vocab["xyz"] = 268;
  json file = file_of(vocab, merges);
  file["added_tokens"] = {
      {{"id", 269}, {"content", "<s>"}, {"special", true}, {"normalized", false}},
      {{"id", 270}, {"content", "</s>"}, {"special", true}, {"normalized", false}},
      {{"id", 271}, {"content", "<s>x"}, {"special", false}, {"normalized", false}},
      {{"id", 272}, {"content", "<pad>"}, {"lstrip", true}, {"rstrip", true}, {"special", true}},
      {{"id", 273}, {"content", "y<s>"}, {"special", false}, {"normalized", true}}};
  return file;
}

}  // namespace pressroom::tokenizer_test
