#include "train/starter/starter_corpus.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "pressroom/error.h"
#include "train/starter/bpe_trainer.h"
#include "train/starter/recall.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// High enough that every name and word of the recall task becomes one token.
constexpr std::int64_t kRecallPretokenWeight = 4000;

constexpr const char* kHowToGetTexts = "scripts/starter-text DIR --all writes the texts";

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw Error(
        {"cannot read the text", file.string(), "a readable text file", "", kHowToGetTexts});
  }
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> text_files(const fs::path& directory) {
  std::vector<fs::path> files;
  if (fs::is_directory(directory)) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file() && entry.path().extension() == ".txt") files.push_back(entry);
    }
  }
  if (files.empty()) {
    throw Error({"there are no training texts", directory.string(), "a directory with *.txt files",
                 fs::is_directory(directory) ? "none" : "no such directory", kHowToGetTexts});
  }
  std::sort(files.begin(), files.end());
  return files;
}

void learn_vocabulary(const std::vector<std::string>& texts, std::int64_t size,
                      const fs::path& file) {
  PretokenCounts counts;
  for (const std::string& text : texts) counts.add(text, 1);
  for (const std::string& name : recall_names()) {
    counts.add_pretoken(" " + name, kRecallPretokenWeight);
  }
  for (const std::string& word : recall_words()) {
    counts.add_pretoken(" " + word, kRecallPretokenWeight);
  }
  counts.add_pretoken(" key", kRecallPretokenWeight);
  write_tokenizer_json(train_bpe(counts, size), file);
}

}  // namespace

StarterTexts read_starter_texts(const TrainStarterOptions& options) {
  StarterTexts texts;
  for (const fs::path& file : text_files(options.texts)) {
    if (fs::exists(options.held_out) && fs::equivalent(file, options.held_out)) {
      throw Error({"the held-out text is among the training texts", file.string(),
                   "a text outside " + options.texts.string(), "", "move it elsewhere"});
    }
    texts.training.push_back(read_text(file));
  }
  texts.held_out = read_text(options.held_out);
  return texts;
}

StarterCorpus load_starter_corpus(StarterTexts texts, const TrainStarterOptions& options) {
  StarterCorpus corpus;
  corpus.held_out = std::move(texts.held_out);
  const fs::path vocabulary = options.out / "tokenizer.json";
  if (!fs::exists(vocabulary)) {
    learn_vocabulary(texts.training, options.vocabulary_size, vocabulary);
  }
  corpus.tokenizer = Tokenizer::load(vocabulary);
  for (const std::string& text : texts.training) {
    const std::vector<std::int64_t> ids = corpus.tokenizer->encode(text, Special::kNone);
    corpus.training_ids.insert(corpus.training_ids.end(), ids.begin(), ids.end());
  }
  corpus.held_out_ids = corpus.tokenizer->encode(corpus.held_out, Special::kNone);
  return corpus;
}

std::string recipe_text(const TrainStarterOptions& options) {
  const nlohmann::ordered_json recipe = {{"steps", options.steps},
                                         {"tokens_per_step", options.tokens_per_step},
                                         {"seed", options.seed},
                                         {"vocabulary_size", options.vocabulary_size},
                                         {"hidden_size", options.hidden_size},
                                         {"intermediate_size", options.intermediate_size},
                                         {"layers", options.layers},
                                         {"heads", options.heads},
                                         {"kv_heads", options.kv_heads},
                                         {"context", options.context},
                                         {"matrix_rate", options.matrix_rate},
                                         {"adam_rate", options.adam_rate},
                                         {"answer_weight", options.answer_weight}};
  return recipe.dump();
}

}  // namespace pressroom
