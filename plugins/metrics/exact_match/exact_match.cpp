#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {

// An answer is right when each of its tokens was the most likely one.
class ExactMatchCollector final : public MetricCollector {
 public:
  void observe(const DocumentMeasurements& document) override {
    for (const AnswerTargets& answer : document.answers) {
      const auto scored = static_cast<std::int64_t>(document.targets.size());
      PRESSROOM_ASSERT(0 <= answer.begin && answer.begin < answer.end && answer.end <= scored);
      const auto first = static_cast<std::size_t>(answer.begin);
      const auto end = static_cast<std::size_t>(answer.end);
      std::size_t right = 0;
      for (std::size_t target = first; target < end; ++target) {
        right += document.is_top1[target] ? 1 : 0;
        sum_nats_ += document.nll_nats[target];
      }
      right_tokens_ += static_cast<double>(right);
      tokens_ += static_cast<double>(end - first);
      right_answers_ += right == end - first ? 1 : 0;
      answers_ += 1;
    }
  }

  std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
    if (answers_ == 0) {
      throw Error({"exact_match has nothing to count", "",
                   "documents with answers, as those of the recall reader",
                   "a dataset that asks nothing",
                   "take a dataset of tasks, or leave exact_match out of \"metrics\""});
    }
    return {{"exact_match", right_answers_ / answers_, "1", Direction::kHigherIsBetter,
             "mean over answers"},
            {"answer_token_accuracy", right_tokens_ / tokens_, "1", Direction::kHigherIsBetter,
             "mean over tokens of answers"},
            {"answer_nll", sum_nats_ / tokens_, "nats/token", Direction::kLowerIsBetter,
             "mean over tokens of answers"},
            {"answers", answers_, "answers", Direction::kNeither, "sum over documents"}};
  }

 private:
  double right_answers_ = 0;
  double answers_ = 0;
  double right_tokens_ = 0;
  double tokens_ = 0;
  double sum_nats_ = 0;
};

struct ExactMatch final : Declared<ExactMatch, Metric> {
  static Declaration<ExactMatch> declare() {
    return Declaration<ExactMatch>(
        "share of a task's answers that greedy decoding gives, and their nll");
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<ExactMatchCollector>();
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::ExactMatch, "exact_match", "1.0.0")
