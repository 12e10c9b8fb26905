// The metric exact_match, as the plugin it is, on measurements made by hand.
#include <gtest/gtest.h>

#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::exact_match_test {
namespace {

// A document of which the targets `hits` say whether the most likely token was the right one, and
// whose nll are 1, 2, 3 ...
DocumentMeasurements document(const std::vector<bool>& hits,
                              const std::vector<AnswerTargets>& answers) {
  DocumentMeasurements measured;
  measured.document_id = "made by hand";
  measured.is_top1 = hits;
  measured.answers = answers;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    measured.targets.push_back(static_cast<std::int64_t>(i) + 1);
    measured.nll_nats.push_back(static_cast<double>(i) + 1);
  }
  return measured;
}

std::vector<MetricValue> collected(const std::vector<DocumentMeasurements>& documents) {
  static PluginHost host({plugin_dir()});
  const std::unique_ptr<Metric> metric = host.make_metric("exact_match");
  metric->configure(Parameters());
  const std::unique_ptr<MetricCollector> collector = metric->make_collector();
  for (const DocumentMeasurements& measured : documents) collector->observe(measured);
  return collector->finish(CellMeasurements());
}

TEST(ExactMatch, CountsAnswersOfWhichEveryTokenIsTheMostLikely) {
  struct Case {
    std::string what;
    std::vector<DocumentMeasurements> documents;
    double exact_match, token_accuracy, nll, answers;
  };
  const std::vector<Case> cases = {
      {"one right token", {document({false, true}, {{1, 2}})}, 1, 1, 2, 1},
      {"one wrong token", {document({true, false}, {{1, 2}})}, 0, 0, 2, 1},
      {"right throughout", {document({false, true, true, true}, {{1, 4}})}, 1, 1, 3, 1},
      {"wrong at the first", {document({true, false, true, true}, {{1, 4}})}, 0, 2.0 / 3, 3, 1},
      {"wrong at the last", {document({true, true, true, false}, {{1, 4}})}, 0, 2.0 / 3, 3, 1},
      {"targets that are no answer do not count",
       {document({false, true, false, true, false}, {{1, 2}, {3, 4}})},
       1,
       1,
       3,
       2},
      {"tokens of nll 1 2, 4 and 2; answers count alike, whatever their length",
       {document({true, true, false, false}, {{0, 2}, {3, 4}}), document({false, true}, {{1, 2}})},
       2.0 / 3,
       3.0 / 4,
       9.0 / 4,
       3},
      {"a document that asks nothing among others",
       {document({true, true}, {}), document({true}, {{0, 1}})},
       1,
       1,
       1,
       1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const std::vector<MetricValue> values = collected(c.documents);
    ASSERT_EQ(values.size(), 4U);
    EXPECT_DOUBLE_EQ(values[0].value, c.exact_match);
    EXPECT_DOUBLE_EQ(values[1].value, c.token_accuracy);
    EXPECT_DOUBLE_EQ(values[2].value, c.nll);
    EXPECT_DOUBLE_EQ(values[3].value, c.answers);
  }
}

TEST(ExactMatch, NamesUnitsAndDirections) {
  const std::vector<MetricValue> values = collected({document({true}, {{0, 1}})});
  const std::vector<MetricValue> expected = {
      {"exact_match", 1, "1", Direction::kHigherIsBetter, "mean over answers"},
      {"answer_token_accuracy", 1, "1", Direction::kHigherIsBetter, "mean over tokens of answers"},
      {"answer_nll", 1, "nats/token", Direction::kLowerIsBetter, "mean over tokens of answers"},
      {"answers", 1, "answers", Direction::kNeither, "sum over documents"}};
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i].name, expected[i].name);
    EXPECT_EQ(values[i].unit, expected[i].unit);
    EXPECT_EQ(values[i].direction, expected[i].direction);
    EXPECT_EQ(values[i].aggregation, expected[i].aggregation);
  }
}

TEST(ExactMatch, IsToldOfGeneratedAnswersWhereAllWereGenerated) {
  DocumentMeasurements first = document({true, false, true}, {{0, 1}, {1, 3}});
  DocumentMeasurements second = document({true}, {{0, 1}});
  const auto answer = [](bool is_exact, bool is_generated) {
    AnswerText text;
    text.is_exact = is_exact;
    text.is_generated = is_generated;
    return text;
  };
  first.answer_texts = {answer(true, true), answer(false, true)};
  second.answer_texts = {answer(true, false)};
  EXPECT_EQ(collected({first, second}).size(), 4U);
  second.answer_texts = {answer(true, true)};
  const std::vector<MetricValue> values = collected({first, document({true}, {}), second});
  ASSERT_EQ(values.size(), 5U);
  EXPECT_EQ(values[4].name, "exact_match_generated");
  EXPECT_DOUBLE_EQ(values[4].value, 2.0 / 3);
  EXPECT_EQ(values[4].documents, (std::vector<std::optional<double>>{0.5, std::nullopt, 1}));
  EXPECT_EQ(values[4].answers, values[0].answers);
}

TEST(ExactMatch, RefusesADatasetThatAsksNothing) {
  const std::vector<std::vector<DocumentMeasurements>> nothing_asked = {
      {}, {document({true, true}, {})}};
  for (const std::vector<DocumentMeasurements>& documents : nothing_asked) {
    const Problem problem = problem_of([&] { collected(documents); });
    EXPECT_EQ(problem.what, "exact_match has nothing to count");
    EXPECT_TRUE(has(problem.fix, "take a dataset of tasks, or leave exact_match out"));
  }
}

}  // namespace
}  // namespace pressroom::exact_match_test
