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
struct Recall final : Declared<Recall, DatasetReader> {
  std::string task, filler;
  std::int64_t length = 0, documents = 0, seed = 0, facts = 0, questions = 0;
  std::vector<std::string> depth;

  static Declaration<Recall> declare() {
    return Declaration<Recall>(
               "made documents: facts in ordinary text, questions about them at the end")
        .parameter(&Recall::task,
                   string("task", "key_value",
                          "key_value: several facts anywhere; needle: one fact at a given depth")
                       .one_of({"key_value", "needle"}))
        .parameter(
            &Recall::length,
            integer("length", 0, "tokens of a document; 0: the protocol's context").at_least(0))
        .parameter(&Recall::documents,
                   integer("documents", 64, "how many there are to draw from").at_least(1))
        .parameter(&Recall::seed, integer("seed", 42, "other seed, other documents").at_least(0))
        .parameter(
            &Recall::depth,
            string_list("depth", {},
                        "needle: numbers from 0 to 1, taken in turn; none: 0, 0.25, 0.5, 0.75, 1"))
        .parameter(&Recall::facts,
                   integer("facts", 0, "key_value: 0 for 8").at_least(0).at_most(kMostFacts))
        .parameter(
            &Recall::questions,
            integer("questions", 0, "key_value: at most as many as facts; 0 for 4, or fewer facts")
                .at_least(0)
                .at_most(kMostFacts))
        .parameter(
            &Recall::filler,
            optional_path("filler", "a text file in UTF-8 to hide facts in; none: made sentences"));
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    key_ = RandomKey(static_cast<std::uint64_t>(seed)).with(task);
    configure_task();
    if (!filler.empty()) filler_ = std::make_unique<TextFiller>(filler);
  }

  void prepare(const ReadingContext& context) override {
    count_tokens_ = context.count_tokens;
    length_tokens_ = length > 0 ? length : context.context_tokens;
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
    if (next_ == documents) return std::nullopt;
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
  bool is_needle() const { return task == "needle"; }

  // Puts what the task does by default into `facts`, `questions` and `depth`.
  void configure_task() {
    if (is_needle()) {
      refuse(facts > 1, "facts", "needle, which has one", std::to_string(facts));
      refuse(questions > 1, "questions", "needle, which has one", std::to_string(questions));
      facts = questions = 1;
      if (depth.empty()) depth = usual_depths();
      for (const std::string& text : depth) depths_.push_back(depth_from(text));
      return;
    }
    refuse(!depth.empty(), "depth", "key_value, whose facts are anywhere",
           depth.empty() ? "" : depth.front());
    if (facts == 0) facts = kUsualFacts;
    if (questions == 0) questions = std::min(kUsualQuestions, facts);
    if (questions <= facts) return;
    throw Error({"there are more questions than facts", "dataset recall",
                 "at most " + std::to_string(facts) + " questions", std::to_string(questions),
                 "lower \"questions\" or raise \"facts\""});
  }

  static void refuse(bool given, const std::string& parameter, const std::string& its_task,
                     const std::string& got) {
    if (!given) return;
    throw Error({'"' + parameter + "\" does not go with task " + its_task, "dataset recall",
                 "no \"" + parameter + '"', got, "remove it, or take the other task"});
  }

  Plan plan_of(std::int64_t index, RandomKey key) const {
    const auto count = static_cast<std::size_t>(facts);
    const std::vector<std::size_t> names =
        draw_distinct(key.with("names"), key_names().size(), count);
    const std::vector<std::size_t> words =
        draw_distinct(key.with("words"), key_words().size(), count);
    Plan plan;
    for (std::size_t f = 0; f < count; ++f) {
      plan.facts.push_back({key_names()[names[f]], key_words()[words[f]]});
      plan.depths.push_back(key.with("depths").with(f).uniform());
    }
    if (is_needle()) plan.depths = {depths_[turn(index)]};
    std::sort(plan.depths.begin(), plan.depths.end());
    plan.asked = draw_distinct(key.with("questions"), count, static_cast<std::size_t>(questions));
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
    document.id = (is_needle() ? "needle-" : "key_value-") + std::to_string(index);
    if (is_needle()) document.id += "-depth-" + depth[turn(index)];
    document.provenance = "made to fit " + std::to_string(length_tokens_) +
                          " tokens, facts: " + std::to_string(facts) +
                          ", questions: " + std::to_string(questions);
    document.text = std::move(made.text);
    document.answers = std::move(made.answers);
    document.context_end = made.context_end;
    document.spans = std::move(made.facts);
    return document;
  }

  std::size_t turn(std::int64_t index) const {
    return static_cast<std::size_t>(index) % depths_.size();
  }

  std::vector<double> depths_;  // `depth` as numbers
  RandomKey key_;
  std::unique_ptr<const TextFiller> filler_;
  std::function<std::int64_t(const std::string&)> count_tokens_;
  std::int64_t length_tokens_ = 0;
  std::int64_t next_ = 0;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Recall, "recall", "1.2.0")
