#include <map>
#include <memory>

#include "common_words.h"
#include "frequent_words.h"
#include "needles.h"
#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "variable_tracking.h"

namespace pressroom {
namespace ruler {
namespace {

// Texts that differ in one character of answers must be different tokens, or no model can say one
// and not the other.
void check_alphabet(const std::string& alphabet, const ReadingContext& context) {
  if (context.encode == nullptr) return;
  std::map<std::vector<std::int64_t>, char> known;
  for (const char c : alphabet) {
    const auto [other, is_new] = known.emplace(context.encode(" " + std::string(7, c)), c);
    if (is_new) continue;
    throw Error({"answers cannot be told apart in the model's tokenizer", "dataset ruler",
                 "other tokens for other digits and letters",
                 '"' + std::string(7, other->second) + "\" and \"" + std::string(7, c) +
                     "\" are the same tokens",
                 "take another task, type_needle_v or model"});
  }
}

}  // namespace

// The synthetic tasks of RULER. A document is a function of the parameters, its number, the files
// and the tokenizer.
struct Ruler final : Declared<Ruler, DatasetReader> {
  Settings settings;

  static Declaration<Ruler> declare() {
    return Declaration<Ruler>("the synthetic tasks of RULER: needles, variables, frequent words")
        .paper("Hsieh et al., RULER, COLM 2024, arXiv 2404.06654")
        .part(&Ruler::settings);
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    key_ = RandomKey(static_cast<std::uint64_t>(settings.seed)).with("ruler").with(settings.task);
    if (settings.needs_words()) {
      words_ = std::make_unique<WordList>(settings.words.empty() ? WordList::kDefaultFile
                                                                 : settings.words);
    }
    if (settings.needs_prose()) prose_ = std::make_unique<Prose>(settings.haystack);
  }

  void prepare(const ReadingContext& context) override {
    count_tokens_ = context.count_tokens;
    length_tokens_ = settings.length > 0 ? settings.length : context.context_tokens;
    if (length_tokens_ > context.context_tokens) {
      throw Error({"documents are longer than the context", "dataset ruler",
                   "a \"length\" of at most " + std::to_string(context.context_tokens) + " tokens",
                   std::to_string(length_tokens_),
                   "lower it, or leave it out: documents then fill the context"});
    }
    check_alphabet(settings.alphabet(), context);
    rewind();
  }

  std::optional<Document> next() override {
    PRESSROOM_ASSERT(count_tokens_ != nullptr);
    if (next_ == settings.documents) return std::nullopt;
    return make(next_++);
  }

  void rewind() override { next_ = 0; }

  std::vector<SourceFile> sources() const override {
    std::vector<SourceFile> files;
    if (next_ == 0) return files;
    if (words_ != nullptr) files.push_back(words_->source());
    if (prose_ != nullptr) files.push_back(prose_->source());
    for (SourceFile& file : files) file.documents = next_;
    return files;
  }

 private:
  std::unique_ptr<Sample> sample(RandomKey key) const {
    switch (settings.kind()) {
      case Kind::kNeedles:
        return std::make_unique<Needles>(settings, key, Sources{words_.get(), prose_.get()});
      case Kind::kVariables:
        return std::make_unique<VariableTracking>(settings, key, prose_.get(), length_tokens_,
                                                  count_tokens_);
      case Kind::kCommonWords:
        return std::make_unique<CommonWords>(settings, key, *words_, length_tokens_);
      case Kind::kFrequentWords:
        return std::make_unique<FrequentWords>(settings, key, length_tokens_);
    }
    return nullptr;
  }

  Document make(std::int64_t index) const {
    Composition made = fitted(*sample(key_.with(index)), length_tokens_,
                              settings.tokens_to_generate, count_tokens_);
    Document document;
    document.id = settings.task;
    if (prose_ != nullptr) document.id += "-" + prose_->name();
    document.id += "-" + std::to_string(index);
    if (made.depths.size() == 1) document.id += "-depth-" + std::to_string(made.depths.front());
    document.provenance = "made to fit " + std::to_string(length_tokens_) + " tokens, " +
                          std::to_string(settings.tokens_to_generate) +
                          " of them for an answer: " + made.made_of;
    document.text = std::move(made.text);
    document.answers = std::move(made.answers);
    for (Answer& answer : document.answers) answer.most_tokens = settings.tokens_to_generate;
    document.context_end = made.context_end;
    document.spans = std::move(made.spans);
    return document;
  }

  RandomKey key_;
  std::unique_ptr<const WordList> words_;
  std::unique_ptr<const Prose> prose_;
  std::function<std::int64_t(const std::string&)> count_tokens_;
  std::int64_t length_tokens_ = 0;
  std::int64_t next_ = 0;
};

}  // namespace ruler
}  // namespace pressroom

PRESSROOM_DATASET(pressroom::ruler::Ruler, "ruler", "1.0.0")
