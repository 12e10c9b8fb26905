// The pass rate of answers written down: targets 0 and 1 are right, 2 is wrong, 3 is right.
#include "pass_rate.cpp"

#include <gtest/gtest.h>

namespace pass_rate_test {
namespace {

DocumentMeasurements document(const std::vector<AnswerTargets>& answers) {
  DocumentMeasurements measured;
  measured.is_top1 = {true, true, false, true};
  measured.answers = answers;
  return measured;
}

TEST(PassRate, IsWhatTheTableSays) {
  const AnswerTargets right = {0, 2}, wrong = {1, 3};
  struct Case {
    std::string what;
    double threshold;
    std::vector<std::vector<AnswerTargets>> documents;
    double value;
    std::vector<std::optional<double>> of_documents;
  };
  const std::vector<Case> cases = {
      {"all and none", 0.5, {{right}, {wrong}}, 0.5, {1, 0}},
      {"half is enough", 0.5, {{right, wrong}, {wrong, wrong, right}}, 0.5, {1, 0}},
      {"all it takes", 1, {{right, right}, {right, wrong}}, 0.5, {1, 0}},
      {"nothing is asked", 0.5, {{}, {right}}, 1, {std::nullopt, 1}}};
  for (const Case& c : cases) {
    PassRate metric;
    metric.threshold = c.threshold;
    const std::unique_ptr<MetricCollector> collector = metric.make_collector();
    for (const std::vector<AnswerTargets>& answers : c.documents) {
      collector->observe(document(answers));
    }
    const std::vector<MetricValue> values = collector->finish(CellMeasurements());
    ASSERT_EQ(values.size(), 1U) << c.what;
    EXPECT_EQ(values[0].value, c.value) << c.what;
    EXPECT_EQ(values[0].documents, c.of_documents) << c.what;
  }
}

TEST(PassRate, HasNoValueWhereNothingIsAsked) {
  const std::unique_ptr<MetricCollector> collector = PassRate().make_collector();
  collector->observe(document({}));
  EXPECT_TRUE(collector->finish(CellMeasurements()).empty());
}

}  // namespace
}  // namespace pass_rate_test
