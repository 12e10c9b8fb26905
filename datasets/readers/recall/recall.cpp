#include <algorithm>
#include <charconv>
#include <memory>

#include "composition.h"
#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "text_filler.h"

namespace pressroom {
namespace {

constexpr std::int64_t kMostFacts = 64;  // one for each name
constexpr std::int64_t kUsualFacts = 8;
constexpr std::int64_t kUsualQuestions = 4;

const std::vector<std::string>& usual_depths() {
  static const std::vector<std::string> depths = {"0", "0.25", "0.5", "0.75", "1"};
  return depths;
}

ParameterSpec optional_path(const std::string& name) {
  ParameterSpec spec = string(name, "");
  spec.type = ParameterType::kPath;
  return spec;
}

double depth_from(const std::string& text) {
  double depth = -1;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, depth);
  if (error == std::errc() && stopped == end && depth >= 0 && depth <= 1) return depth;
  throw Error({"\"depth\" is out of range", "dataset recall", "numbers from 0 to 1", text,
               "0 is the beginning of the document, 1 the place before the question"});
}

}  // namespace

// Facts hidden in ordinary text, and questions about them at its end. A document is a function of
// the parameters, its number and the tokenizer.
class Recall final : public DatasetReader {
 public:
  PluginInfo describe() const override {
    return {
        "made documents: facts in ordinary text, questions about them at the end",
        "",
        {string("task", "key_value")
             .one_of({"key_value", "needle"})
             .help("key_value: several facts anywhere; needle: one fact at a given depth"),
         integer("length", 0).at_least(0).help("tokens of a document; 0: the protocol's context"),
         integer("documents", 64).at_least(1).help("how many there are to draw from"),
         integer("seed", 42).at_least(0).help("other seed, other documents"),
         string_list("depth", {})
             .help("needle: numbers from 0 to 1, taken in turn; none: 0, 0.25, 0.5, 0.75, 1"),
         integer("facts", 0).at_least(0).at_most(kMostFacts).help("key_value: 0 for 8"),
         integer("questions", 0)
             .at_least(0)
             .at_most(kMostFacts)
             .help("key_value: at most as many as facts; 0 for 4, or fewer facts"),
         optional_path("filler").help(
             "a text file in UTF-8 to hide facts in; none: made sentences")}};
  }

  void configure(const Parameters& parameters) override {
    is_needle_ = parameters.string("task") == "needle";
    length_ = parameters.integer("length");
    documents_ = parameters.integer("documents");
    key_ = RandomKey(static_cast<std::uint64_t>(parameters.integer("seed")))
               .with(parameters.string("task"));
    configure_task(parameters);
    const std::string& filler = parameters.string("filler");
    if (!filler.empty()) filler_ = std::make_unique<TextFiller>(filler);
  }

  void prepare(const ReadingContext& context) override {
    count_tokens_ = context.count_tokens;
    length_tokens_ = length_ > 0 ? length_ : context.context_tokens;
    if (length_tokens_ > context.context_tokens) {
      throw Error({"documents are longer than the context", "dataset recall",
                   "a \"length\" of at most " + std::to_string(context.context_tokens) + " tokens",
                   std::to_string(length_tokens_),
                   "lower it, or leave it out: documents then fill the context"});
    }
    rewind();
  }

  std::optional<Document> next() override {
    PRESSROOM_ASSERT(count_tokens_ != nullptr);
    if (next_ == documents_) return std::nullopt;
    return make(next_++);
  }

  void rewind() override { next_ = 0; }

  std::vector<SourceFile> sources() const override {
    if (filler_ == nullptr || next_ == 0) return {};
    SourceFile source = filler_->source();
    source.documents = next_;
    return {source};
  }

 private:
  void configure_task(const Parameters& parameters) {
    const std::vector<std::string>& depths = parameters.strings("depth");
    facts_ = parameters.integer("facts");
    questions_ = parameters.integer("questions");
    if (is_needle_) {
      refuse(facts_ > 1, "facts", "needle, which has one", std::to_string(facts_));
      refuse(questions_ > 1, "questions", "needle, which has one", std::to_string(questions_));
      facts_ = questions_ = 1;
      depth_texts_ = depths.empty() ? usual_depths() : depths;
      for (const std::string& text : depth_texts_) depths_.push_back(depth_from(text));
      return;
    }
    refuse(!depths.empty(), "depth", "key_value, whose facts are anywhere",
           depths.empty() ? "" : depths.front());
    if (facts_ == 0) facts_ = kUsualFacts;
    if (questions_ == 0) questions_ = std::min(kUsualQuestions, facts_);
    if (questions_ <= facts_) return;
    throw Error({"there are more questions than facts", "dataset recall",
                 "at most " + std::to_string(facts_) + " questions", std::to_string(questions_),
                 "lower \"questions\" or raise \"facts\""});
  }

  static void refuse(bool given, const std::string& parameter, const std::string& task,
                     const std::string& got) {
    if (!given) return;
    throw Error({'"' + parameter + "\" does not go with task " + task, "dataset recall",
                 "no \"" + parameter + '"', got, "remove it, or take the other task"});
  }

  Plan plan_of(std::int64_t index, RandomKey key) const {
    const auto facts = static_cast<std::size_t>(facts_);
    const std::vector<std::size_t> names =
        draw_distinct(key.with("names"), key_names().size(), facts);
    const std::vector<std::size_t> words =
        draw_distinct(key.with("words"), key_words().size(), facts);
    Plan plan;
    for (std::size_t f = 0; f < facts; ++f) {
      plan.facts.push_back({key_names()[names[f]], key_words()[words[f]]});
      plan.depths.push_back(key.with("depths").with(f).uniform());
    }
    if (is_needle_) plan.depths = {depths_[turn(index)]};
    std::sort(plan.depths.begin(), plan.depths.end());
    plan.asked = draw_distinct(key.with("questions"), facts, static_cast<std::size_t>(questions_));
    return plan;
  }

  Document make(std::int64_t index) const {
    const RandomKey key = key_.with(index);
    const RandomKey filler_key = key.with("filler");
    const auto sentence = [&](std::size_t s) {
      return filler_ != nullptr ? filler_->sentence(filler_key, s)
                                : made_sentence(filler_key.with(s));
    };
    std::size_t used = 0;
    Composition made = fitted(plan_of(index, key), sentence, length_tokens_, count_tokens_, &used);
    if (filler_ != nullptr && used > filler_->sentences()) {
      throw Error({"the filler is shorter than a document", filler_->source().path,
                   std::to_string(length_tokens_) + " tokens",
                   std::to_string(filler_->sentences()) + " sentences",
                   "take a longer text, or a shorter \"length\""});
    }
    Document document;
    document.id = (is_needle_ ? "needle-" : "key_value-") + std::to_string(index);
    if (is_needle_) document.id += "-depth-" + depth_texts_[turn(index)];
    document.provenance = "made to fit " + std::to_string(length_tokens_) +
                          " tokens, facts: " + std::to_string(facts_) +
                          ", questions: " + std::to_string(questions_);
    document.text = std::move(made.text);
    document.answers = std::move(made.answers);
    return document;
  }

  std::size_t turn(std::int64_t index) const {
    return static_cast<std::size_t>(index) % depths_.size();
  }

  bool is_needle_ = false;
  std::int64_t length_ = 0;
  std::int64_t documents_ = 0;
  std::int64_t facts_ = 0;
  std::int64_t questions_ = 0;
  std::vector<std::string> depth_texts_;
  std::vector<double> depths_;
  RandomKey key_;
  std::unique_ptr<const TextFiller> filler_;
  std::function<std::int64_t(const std::string&)> count_tokens_;
  std::int64_t length_tokens_ = 0;
  std::int64_t next_ = 0;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Recall, "recall", "1.1.0")
