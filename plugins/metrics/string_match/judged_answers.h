// What metrics have in common that judge generated answers one by one: all but the rule.
//
//   struct Contains final : JudgedAnswers<Contains> {
//     static Declaration<Contains> declare() { return Declaration<Contains>("..."); }
//     AnswerValue value() const { return {"contains", "share of answers ..."}; }
//     double judge(const AnswerText& answer) const { return ...; }   // 0 .. 1
//   };
//   PRESSROOM_METRIC(Contains, "contains", "1.0.0")
//
// The value of a cell is the mean over its answers; that of a document over the document's, and a
// document that asks nothing has none. Both, and each answer by itself, are shares: unit 1, higher
// is better.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {

// How a metric's value is told of.
struct AnswerValue {
  std::string name;
  std::string aggregation;  // "mean over answers of ..."
};

// The largest of score(reference) over the references of an answer: what counts as right may be
// said in several ways, and one is enough.
template <typename Score>
double best_over_references(const AnswerText& answer, Score score) {
  double best = 0;
  for (const std::string& reference : answer.references) best = std::max(best, score(reference));
  return best;
}

template <typename Self>
class JudgedAnswersCollector final : public MetricCollector {
 public:
  explicit JudgedAnswersCollector(const Self& metric) : metric_(metric) {}

  void observe(const DocumentMeasurements& document) override {
    std::vector<double>& scores = answers_.emplace_back();
    double sum = 0;
    for (const AnswerText& answer : document.answer_texts) {
      scores.push_back(judged(document.document_id, answer));
      sum += scores.back();
    }
    const auto asked = static_cast<double>(scores.size());
    documents_.push_back(asked > 0 ? std::optional(sum / asked) : std::nullopt);
    sum_ += sum;
    asked_ += asked;
  }

  std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
    const AnswerValue value = metric_.value();
    if (asked_ == 0) {
      throw Error({value.name + " has nothing to judge", "", "documents with answers",
                   "a dataset that asks nothing",
                   "take a dataset of tasks, or leave the metric out of \"metrics\""});
    }
    return {{value.name, sum_ / asked_, "1", Direction::kHigherIsBetter, value.aggregation,
             documents_, answers_}};
  }

 private:
  // The score of one answer; what its rule refuses says which answer it is of.
  double judged(const std::string& document, const AnswerText& answer) const {
    try {
      if (!answer.is_generated) {
        throw Error({"an answer was not generated, and this rule is about generated text", "",
                     "generated answers", "answers that were only forced",
                     "say `answers: generated` in the config"});
      }
      return metric_.judge(answer);
    } catch (const Error& error) {
      std::vector<Problem> problems = error.problems();
      for (Problem& problem : problems) problem.where = document + ", question " + answer.id;
      throw Error(std::move(problems));
    }
  }

  const Self& metric_;
  double sum_ = 0;
  double asked_ = 0;
  std::vector<std::optional<double>> documents_;
  std::vector<std::vector<double>> answers_;
};

// `Self` has declare(), value() and judge(), as above. The metric outlives its collectors.
template <typename Self>
struct JudgedAnswers : Declared<Self, Metric> {
  MeasurementNeeds needs() const override {
    MeasurementNeeds needs;
    needs.answer_texts = true;
    needs.generated_answers = true;
    return needs;
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<JudgedAnswersCollector<Self>>(static_cast<const Self&>(*this));
  }
};

}  // namespace pressroom
