// Texts and vocabulary of the starter model.
//
//   StarterTexts texts = read_starter_texts(options);   // writes nothing
//   StarterCorpus corpus = load_starter_corpus(std::move(texts), options);
//
// The vocabulary is learned from the training texts and the sentences of the recall task - or is
// that of the model the training begins from - and kept as `out`/tokenizer.json; a run that goes
// on from a checkpoint reads it from there. Before it, what the run is made from goes to
// `out`/recipe.json: by that a later run recognises the folder as its own, also when this one was
// killed before its first checkpoint.
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
  std::string recipe;  // of the run: recipe_text and the hash of the vocabulary
  std::unique_ptr<Tokenizer> tokenizer;
  std::string held_out;
  std::vector<std::int64_t> training_ids;  // all texts, one after the other
  std::vector<std::int64_t> held_out_ids;
};

// Reads options.texts and options.held_out. Throws Error when there are no texts, a file cannot be
// read, or the held-out file is one of the training texts.
StarterTexts read_starter_texts(const TrainStarterOptions& options);

// Everything that the weights and the log depend on and that is known before the vocabulary: the
// options, and the SHA-256 of the texts. One line of JSON.
std::string recipe_text(const TrainStarterOptions& options, const StarterTexts& texts);

// Throws Error when options.out holds a model, a vocabulary, a log, a recipe or a checkpoint that
// no run of the recipe has made. Writes nothing.
void check_starter_folder(const TrainStarterOptions& options, const std::string& recipe);

// Checks the folder, which the caller holds the lock of, and writes recipe and vocabulary into it.
// Throws Error when they cannot be read or written.
StarterCorpus load_starter_corpus(StarterTexts texts, const TrainStarterOptions& options);

}  // namespace pressroom
