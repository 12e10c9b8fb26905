// Texts and vocabulary of the starter model.
//
//   StarterTexts texts = read_starter_texts(options);   // writes nothing
//   StarterCorpus corpus = load_starter_corpus(std::move(texts), options);
//
// The vocabulary is learned once, from the training texts and the sentences of the recall task, and
// kept as `out`/tokenizer.json; a run that goes on reads it from there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"
#include "train/starter/train_starter.h"

namespace pressroom {

struct StarterTexts {
  std::vector<std::string> training;  // in the order of the files' names
  std::string held_out;
};

struct StarterCorpus {
  std::unique_ptr<Tokenizer> tokenizer;
  std::string held_out;
  std::vector<std::int64_t> training_ids;  // all texts, one after the other
  std::vector<std::int64_t> held_out_ids;
};

// Reads options.texts and options.held_out. Throws Error when there are no texts, a file cannot be
// read, or the held-out file is one of the training texts.
StarterTexts read_starter_texts(const TrainStarterOptions& options);

// Throws Error when the vocabulary cannot be read or written.
StarterCorpus load_starter_corpus(StarterTexts texts, const TrainStarterOptions& options);

// Everything in the options that the weights depend on, as text.
std::string recipe_text(const TrainStarterOptions& options);

}  // namespace pressroom
