// Documents of which enough answers are right: a document passes or does not.
#include <pressroom/plugin.h>

#include <algorithm>

using namespace pressroom;

struct PassRate final : Declared<PassRate, Metric> {
  double threshold = 0.5;

  struct Collector final : MetricCollector {
    double threshold;
    std::vector<std::optional<double>> documents;  // 1 or 0; none where nothing is asked
    double passed = 0, asked = 0;

    explicit Collector(double least) : threshold(least) {}
    void observe(const DocumentMeasurements& document) override {
      documents.emplace_back();
      if (document.answers.empty()) return;
      const auto hits = document.is_top1.begin();
      const auto right = std::count_if(document.answers.begin(), document.answers.end(),
                                       [&](const AnswerTargets& answer) {
                                         return std::all_of(hits + answer.begin, hits + answer.end,
                                                            [](bool hit) { return hit; });
                                       });
      const auto answers = static_cast<double>(document.answers.size());
      documents.back() = static_cast<double>(right) >= threshold * answers ? 1 : 0;
      passed += *documents.back();
      asked += 1;
    }
    std::vector<MetricValue> finish(const CellMeasurements&) override {
      if (asked == 0) return {};
      return {{"pass_rate", passed / asked, "1", Direction::kHigherIsBetter,
               "mean over documents that ask", documents}};
    }
  };

  static Declaration<PassRate> declare() {
    return Declaration<PassRate>("share of documents of which enough answers are right")
        .parameter(&PassRate::threshold,
                   number("threshold", 0.5, "share of right answers with which a document passes")
                       .at_least(0)
                       .at_most(1));
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<Collector>(threshold);
  }
};

PRESSROOM_METRIC(PassRate, "pass_rate", "1.0.0")
