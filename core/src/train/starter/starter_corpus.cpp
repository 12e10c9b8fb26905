#include "train/starter/starter_corpus.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/sha256.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "train/starter/begin_from.h"
#include "train/starter/bpe_trainer.h"
#include "train/starter/checkpoint.h"
#include "train/starter/recall.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// High enough that every name and word of the recall task becomes one token.
constexpr std::int64_t kRecallPretokenWeight = 4000;

constexpr const char* kRecipeFile = "recipe.json";
constexpr const char* kVocabularyHash = "tokenizer_sha256";

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

std::string texts_sha256(const std::vector<std::string>& texts) {
  Sha256 hash;
  for (const std::string& text : texts) hash.update(sha256_hex(text)).update("\n");
  return hash.hex();
}

bool is_there(const fs::path& file) {
  std::error_code unreadable;
  return fs::exists(fs::symlink_status(file, unreadable));
}

// What a checkpoint's recipe says, the vocabulary apart.
std::string without_vocabulary(const std::string& recipe) {
  auto json = nlohmann::ordered_json::parse(recipe, nullptr, false);
  if (!json.is_object()) return recipe;
  json.erase(kVocabularyHash);
  return json.dump();
}

[[noreturn]] void refuse_other_recipe(const fs::path& file, const std::string& recipe,
                                      const std::string& got) {
  throw Error({"the output directory belongs to a training of other options or texts",
               file.string(), recipe, got, "give the same, or another output directory"});
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

std::string recipe_text(const TrainStarterOptions& options, const StarterTexts& texts) {
  nlohmann::ordered_json recipe = {{"steps", options.steps},
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
                                   {"answer_weight", options.answer_weight},
                                   {"texts_sha256", texts_sha256(texts.training)},
                                   {"held_out_sha256", sha256_hex(texts.held_out)}};
  if (options.diet == Diet::kTasks) recipe["diet"] = "tasks";
  if (!options.begin_from.empty()) {
    recipe["begin_from_sha256"] = begin_from_sha256(options.begin_from);
  }
  return recipe.dump();
}

void check_starter_folder(const TrainStarterOptions& options, const std::string& recipe) {
  const fs::path recipe_file = options.out / kRecipeFile;
  if (is_there(recipe_file)) {
    const std::string got = text_of_file(recipe_file);
    if (got != recipe + "\n") refuse_other_recipe(recipe_file, recipe, got);
    return;
  }
  const fs::path checkpoint = options.out / "checkpoint.bin";
  if (const auto saved = load_checkpoint(checkpoint)) {
    // The checkpoint's recipe has the hash of the vocabulary, which is learned after this check.
    if (without_vocabulary(saved->recipe) == recipe) return;
    refuse_other_recipe(checkpoint, recipe, saved->recipe);
  }
  for (const char* name :
       {"model.safetensors", "config.json", "tokenizer.json", "training_log.jsonl"}) {
    if (!is_there(options.out / name)) continue;
    throw Error({"the output directory holds what this training has not made", options.out.string(),
                 "an empty directory, or one of a training of the same options and texts", name,
                 "choose another --out, or move away what is there"});
  }
}

StarterCorpus load_starter_corpus(StarterTexts texts, const TrainStarterOptions& options) {
  StarterCorpus corpus;
  corpus.recipe = recipe_text(options, texts);
  check_starter_folder(options, corpus.recipe);
  write_file_atomically(options.out / kRecipeFile, corpus.recipe + "\n");
  corpus.held_out = std::move(texts.held_out);
  const fs::path vocabulary = options.out / "tokenizer.json";
  // Without a checkpoint nothing says that what is there is what would be learned.
  if (!fs::exists(vocabulary) || !fs::exists(options.out / "checkpoint.bin")) {
    if (options.begin_from.empty()) {
      learn_vocabulary(texts.training, options.vocabulary_size, vocabulary);
    } else {
      write_file_atomically(vocabulary, text_of_file(options.begin_from / "tokenizer.json"));
    }
  }
  corpus.tokenizer = Tokenizer::load(vocabulary);
  auto recipe = nlohmann::ordered_json::parse(corpus.recipe);
  recipe[kVocabularyHash] = sha256_file(vocabulary);
  corpus.recipe = recipe.dump();
  for (const std::string& text : texts.training) {
    const std::vector<std::int64_t> ids = corpus.tokenizer->encode(text, Special::kNone);
    corpus.training_ids.insert(corpus.training_ids.end(), ids.begin(), ids.end());
  }
  corpus.held_out_ids = corpus.tokenizer->encode(corpus.held_out, Special::kNone);
  return corpus;
}

}  // namespace pressroom
