#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {
namespace {

// Answers of the cell, or of one document.
struct Counts {
  double right_answers = 0;
  double answers = 0;
  double right_tokens = 0;
  double tokens = 0;
  double sum_nats = 0;

  double exact_match() const { return right_answers / answers; }
  double token_accuracy() const { return right_tokens / tokens; }
  double nll() const { return sum_nats / tokens; }

  void add_token(bool is_right, double nats) {
    right_tokens += is_right ? 1 : 0;
    tokens += 1;
    sum_nats += nats;
  }
  void add_answer(bool is_right) {
    right_answers += is_right ? 1 : 0;
    answers += 1;
  }
};

}  // namespace

// An answer is right when each of its tokens was the most likely one.
class ExactMatchCollector final : public MetricCollector {
 public:
  void observe(const DocumentMeasurements& document) override {
    Counts& counts = documents_.emplace_back();
    std::vector<double>& right = right_.emplace_back();
    for (const AnswerTargets& answer : document.answers) {
      const auto scored = static_cast<std::int64_t>(document.targets.size());
      PRESSROOM_ASSERT(0 <= answer.begin && answer.begin < answer.end && answer.end <= scored);
      bool is_right = true;
      for (std::int64_t i = answer.begin; i < answer.end; ++i) {
        const auto target = static_cast<std::size_t>(i);
        for (Counts* of : {&counts, &all_}) {
          of->add_token(document.is_top1[target], document.nll_nats[target]);
        }
        is_right = is_right && document.is_top1[target];
      }
      for (Counts* of : {&counts, &all_}) of->add_answer(is_right);
      right.push_back(is_right ? 1 : 0);
    }
    observe_generated(document.answer_texts);
  }

  std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
    if (all_.answers == 0) {
      throw Error({"exact_match has nothing to count", "",
                   "documents with answers, as those of the recall reader",
                   "a dataset that asks nothing",
                   "take a dataset of tasks, or leave exact_match out of \"metrics\""});
    }
    std::vector<MetricValue> values = {
        {"exact_match", all_.exact_match(), "1", Direction::kHigherIsBetter, "mean over answers",
         by_document(documents_, &Counts::exact_match), right_},
        {"answer_token_accuracy", all_.token_accuracy(), "1", Direction::kHigherIsBetter,
         "mean over tokens of answers", by_document(documents_, &Counts::token_accuracy)},
        {"answer_nll", all_.nll(), "nats/token", Direction::kLowerIsBetter,
         "mean over tokens of answers", by_document(documents_, &Counts::nll)},
        {"answers", all_.answers, "answers", Direction::kNeither, "sum over documents"}};
    // Of some answers alone it would be of other questions than exact_match is.
    if (generated_.answers == all_.answers) {
      values.push_back({"exact_match_generated", generated_.exact_match(), "1",
                        Direction::kHigherIsBetter, "mean over answers",
                        by_document(generated_documents_, &Counts::exact_match), generated_right_});
    }
    return values;
  }

 private:
  // Answers that were generated: what was said begins with the tokens that were expected.
  void observe_generated(const std::vector<AnswerText>& answers) {
    Counts& counts = generated_documents_.emplace_back();
    std::vector<double>& right = generated_right_.emplace_back();
    for (const AnswerText& answer : answers) {
      if (!answer.is_generated) continue;
      for (Counts* of : {&counts, &generated_}) of->add_answer(answer.is_exact);
      right.push_back(answer.is_exact ? 1 : 0);
    }
  }

  static std::vector<std::optional<double>> by_document(const std::vector<Counts>& documents,
                                                        double (Counts::*value)() const) {
    std::vector<std::optional<double>> values;
    for (const Counts& counts : documents) {
      values.push_back(counts.answers > 0 ? std::optional((counts.*value)()) : std::nullopt);
    }
    return values;
  }

  Counts all_;
  std::vector<Counts> documents_;
  std::vector<std::vector<double>> right_;  // of each answer of each document: 1 or 0
  Counts generated_;                        // the same of those that were generated
  std::vector<Counts> generated_documents_;
  std::vector<std::vector<double>> generated_right_;
};

struct ExactMatch final : Declared<ExactMatch, Metric> {
  static Declaration<ExactMatch> declare() {
    return Declaration<ExactMatch>(
        "share of a task's answers that greedy decoding gives, and their nll");
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<ExactMatchCollector>();
  }
  MeasurementNeeds needs() const override {
    MeasurementNeeds needs;
    needs.answer_texts = true;
    return needs;
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::ExactMatch, "exact_match", "1.2.0")
