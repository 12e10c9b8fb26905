// What metrics are shown and what they may return, at the border that plugins cross.
#include "campaign/collect_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "byte_tokenizer.h"
#include "scratch_folder.h"
#include "stream_test_support.h"

namespace pressroom::collect_metrics_test {
namespace {

using Indices = std::vector<std::int64_t>;

// A metric made of lambdas.
struct MadeMetric final : Metric {
  MeasurementNeeds asked;
  std::function<void(const DocumentMeasurements&)> on_observe = [](const auto&) {};
  std::function<std::vector<MetricValue>()> on_finish = [] { return std::vector<MetricValue>(); };
  std::function<Indices(const DocumentTokens&)> on_wanted = [](const auto&) { return Indices(); };
  bool makes_collector = true;

  struct Collector final : MetricCollector {
    const MadeMetric& metric;
    explicit Collector(const MadeMetric& made) : metric(made) {}
    void observe(const DocumentMeasurements& document) override { metric.on_observe(document); }
    std::vector<MetricValue> finish(const CellMeasurements&) override { return metric.on_finish(); }
  };

  PluginInfo describe() const override { return {}; }
  MeasurementNeeds needs() const override { return asked; }
  Indices wanted_logits(const DocumentTokens& document) const override {
    return on_wanted(document);
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return makes_collector ? std::make_unique<Collector>(*this) : nullptr;
  }
};

// Two windows of 5 and 4 tokens, "abcde" and "fghi"; the first asks for "c" and "de".
std::vector<Window> two_windows() {
  Window first, second;
  first.tokens = {"one@0", {97, 98, 99, 100, 101}};
  first.answers = {{2, 3}, {3, 5}};
  second.tokens = {"two@0", {102, 103, 104, 105}};
  return {first, second};
}

// Runs of them by a model of a vocabulary of 3, of which only what metrics are told counts.
DocumentRun made_run(const TokenDocument& document) {
  DocumentRun run;
  for (std::int64_t i = 1; i < static_cast<std::int64_t>(document.ids.size()); ++i) {
    run.targets.push_back(i);
    run.nll_nats.push_back(static_cast<double>(i));
    run.is_top1.push_back(i % 2 == 0);
    run.distributions.push_back({i, 0.5, 0.5, 1});
  }
  for (const std::int64_t target : document.wanted_logits) {
    run.wanted_logits.push_back({0, 1, static_cast<float>(target)});
  }
  run.entries_per_step = {1};
  return run;
}

class CollectMetrics : public testing::Test {
 protected:
  MadeMetric& add(const std::string& name) {
    auto metric = std::make_unique<MadeMetric>();
    MadeMetric& made = *metric;
    metrics_.push_back({std::move(metric), "metric \"" + name + '"', "", {}});
    return made;
  }

  std::vector<MetricValue> collect() {
    for (CampaignMetric& metric : metrics_) metric.needs = metric.metric->needs();
    const ScratchFolder folder;
    write_file(folder.path() / "tokenizer.json", byte_tokenizer_json());
    const auto tokenizer = Tokenizer::load(folder.path() / "tokenizer.json");
    const std::vector<Window> windows = two_windows();
    const Protocol protocol;
    const AskedMeasurements asked(metrics_, windows, protocol, tokenizer.get());
    std::vector<DocumentMeasurements> measured;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      DocumentRun run = made_run(asked.documents()[i]);
      if (!asked.needs().distribution) run.distributions.clear();
      measured.push_back(asked.measured(i, run, ModelFacts()));
      if (!asked.needs().dense) continue;
      measured.back().kl_nats.assign(run.targets.size(), 0.25);
      measured.back().is_dense_top1.assign(run.targets.size(), true);
    }
    return collect_metrics(asked, measured, CellMeasurements());
  }

  std::vector<CampaignMetric> metrics_;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

MetricValue value_of(const std::string& name, double value = 1) {
  return {name, value, "1", Direction::kNeither, "made"};
}

TEST_F(CollectMetrics, TakeValuesOfEveryShapeThatTheContractHas) {
  MetricValue told = value_of("told", kInfinity);
  told.documents = {2.5, std::nullopt};
  told.answers = {{1, -kInfinity}, {}};
  add("one").on_finish = [&] { return std::vector<MetricValue>{told, value_of("kl_p99.9")}; };
  add("two").on_finish = [] { return std::vector<MetricValue>{value_of("A-z_0", -1)}; };
  const std::vector<MetricValue> values = collect();
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].name, "told");
  EXPECT_EQ(values[0].documents, told.documents);
  EXPECT_EQ(values[0].answers, told.answers);
  EXPECT_EQ(values[1].name, "kl_p99.9");
  EXPECT_TRUE(values[1].documents.empty());
  EXPECT_EQ(values[2].value, -1);
}

TEST_F(CollectMetrics, RefuseValuesThatBreakTheContract) {
  const double nan = std::nan("");
  const auto documents = [](std::vector<std::optional<double>> told) {
    MetricValue value = value_of("v");
    value.documents = std::move(told);
    return std::vector<MetricValue>{value};
  };
  const auto answers = [](std::vector<std::vector<double>> told) {
    MetricValue value = value_of("v");
    value.answers = std::move(told);
    return std::vector<MetricValue>{value};
  };
  const std::string no_number = "metric \"odd\" gives a value that is not a number";
  const std::string no_column = "metric \"odd\" gives a value with a name that no column can have";
  const std::string of_documents =
      "metric \"odd\" gives values of another number of documents than it was shown";
  const std::string of_answers =
      "metric \"odd\" gives values of another number of answers than it was shown";
  struct Case {
    std::vector<MetricValue> values;
    std::string what, where, got;
  };
  const std::vector<Case> cases = {
      {{value_of("")}, no_column, "", "\"\""},
      {{value_of("bits per byte")}, no_column, "", "\"bits per byte\""},
      {{value_of("a,b")}, no_column, "", "\"a,b\""},
      {{value_of("kl\n")}, no_column, "", ""},
      {{value_of("v", nan)}, no_number, "v", "nan"},
      {documents({1.0, nan}), no_number, "v, document two@0", "nan"},
      {answers({{1, nan}, {}}), no_number, "v, document one@0", "nan"},
      {documents({1.0}), of_documents, "v", "1"},
      {documents({1.0, 2.0, 3.0}), of_documents, "v", "3"},
      {answers({{1, 1}}), of_documents, "v", "1"},
      {answers({{1}, {}}), of_answers, "v, document one@0", "1"},
      {answers({{1, 1}, {1}}), of_answers, "v, document two@0", "1"},
      {{value_of("v"), value_of("v")},
       "metric \"odd\" gives a value of a name that is taken",
       "v",
       "a second value of this name, after that of metric \"odd\""},
      {{value_of("good")},
       "metric \"odd\" gives a value of a name that is taken",
       "good",
       "a second value of this name, after that of metric \"first\""}};
  for (const Case& c : cases) {
    metrics_.clear();
    add("first").on_finish = [] { return std::vector<MetricValue>{value_of("good")}; };
    add("odd").on_finish = [&] { return c.values; };
    const Problem problem = problem_of([&] { collect(); });
    EXPECT_EQ(problem.what, c.what);
    EXPECT_EQ(problem.where, c.where);
    if (!c.got.empty()) {
      EXPECT_EQ(problem.got, c.got);
    }
    EXPECT_FALSE(problem.expected.empty() || problem.fix.empty()) << c.what;
  }
}

TEST_F(CollectMetrics, NameTheMetricThatThrowsOrHasNoCollector) {
  add("odd").on_finish = []() -> std::vector<MetricValue> { throw std::runtime_error("why"); };
  EXPECT_NE(problem_of([&] { collect(); }).what.find("metric \"odd\""), std::string::npos);
  metrics_.clear();
  add("odd").makes_collector = false;
  const Problem problem = problem_of([&] { collect(); });
  EXPECT_NE(problem.what.find("metric \"odd\""), std::string::npos);
  EXPECT_EQ(problem.got, "null");
}

// Each of four metrics asks for one thing, a fifth for nothing: nobody sees what it has not asked
// for.
TEST_F(CollectMetrics, ShowEachMetricWhatItAsksForAndNoMore) {
  std::vector<std::string> seen(5);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    MadeMetric& metric = add(std::to_string(i));
    metric.asked.dense = i == 0;
    metric.asked.distribution = i == 1;
    metric.asked.tokens = i == 2;
    metric.asked.logits = i == 3;
    metric.on_wanted = [](const DocumentTokens&) { return Indices{0}; };
    metric.on_observe = [&seen, i](const DocumentMeasurements& document) {
      std::string& text = seen[i];
      text += document.document_id + ": " + std::to_string(document.nll_nats.size());
      if (!document.kl_nats.empty() && !document.is_dense_top1.empty()) text += " dense";
      if (!document.distributions.empty()) text += " distributions";
      for (const std::string& token : document.token_texts) text += " " + token;
      if (!document.token_ids.empty()) text += " from " + std::to_string(document.token_ids[0]);
      for (const TargetLogits& row : document.logits) text += " " + std::to_string(row.target);
      text += "; ";
    };
  }
  collect();
  EXPECT_EQ(seen[0], "one@0: 4 dense; two@0: 3 dense; ");
  EXPECT_EQ(seen[1], "one@0: 4 distributions; two@0: 3 distributions; ");
  EXPECT_EQ(seen[2], "one@0: 4 a b c d e from 97; two@0: 3 f g h i from 102; ");
  EXPECT_EQ(seen[3], "one@0: 4 0; two@0: 3 0; ");
  EXPECT_EQ(seen[4], "one@0: 4; two@0: 3; ");
}

TEST_F(CollectMetrics, GiveEachMetricTheLogitsOfItsOwnTargetsInOrder) {
  std::vector<std::string> told, seen(2);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    MadeMetric& metric = add(std::to_string(i));
    metric.asked.logits = true;
    metric.asked.tokens = i == 1;
    metric.on_wanted = [&told, i](const DocumentTokens& document) {
      told.push_back(document.document_id + " " + std::to_string(document.targets.size()) + " " +
                     std::to_string(document.token_ids.size()) + " " +
                     std::to_string(document.token_texts.size()) + " " +
                     std::to_string(document.answers.size()));
      if (i == 0) return Indices{2, 0, 2};  // in any order, twice
      return document.answers.empty() ? Indices() : Indices{document.answers[1].begin};
    };
    metric.on_observe = [&seen, i](const DocumentMeasurements& document) {
      for (const TargetLogits& row : document.logits) {
        // made_run's last logit says which token's row it is.
        seen[i] += std::to_string(row.target) + " of token " +
                   std::to_string(static_cast<int>(row.logits.at(2))) + ", ";
      }
    };
  }
  collect();
  EXPECT_EQ(told, (std::vector<std::string>{"one@0 4 5 0 2", "one@0 4 5 5 2", "two@0 3 4 0 0",
                                            "two@0 3 4 4 0"}));
  EXPECT_EQ(seen[0], "0 of token 1, 2 of token 3, 0 of token 1, 2 of token 3, ");
  EXPECT_EQ(seen[1], "2 of token 3, ");
}

TEST_F(CollectMetrics, RefuseLogitsOfWhatIsNoTarget) {
  for (const std::int64_t index : {-1, 4}) {
    metrics_.clear();
    MadeMetric& metric = add("odd");
    metric.asked.logits = true;
    metric.on_wanted = [&](const DocumentTokens&) { return Indices{index}; };
    const Problem problem = problem_of([&] { collect(); });
    EXPECT_EQ(problem.what, "metric \"odd\" wants the logits of what is no target");
    EXPECT_EQ(problem.where, "one@0");
    EXPECT_EQ(problem.expected, "indices from 0 to 3");
    EXPECT_EQ(problem.got, std::to_string(index));
  }
}

}  // namespace
}  // namespace pressroom::collect_metrics_test
