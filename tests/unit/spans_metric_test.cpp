// The metric spans, as the plugin it is, on lifetimes made by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::spans_metric_test {
namespace {

constexpr std::int32_t kStays = EntryLifetimes::kNeverLeaves;
using Lifetimes = std::vector<std::vector<std::vector<std::int32_t>>>;

// Ten tokens, one layer of two KV heads. Tokens 2 to 5 are the evidence of answer 0, which is asked
// for at token 7, and token 6 that of answer 1, asked for at 8. Every token is scored, with its
// index for nll.
DocumentMeasurements document(const Lifetimes& last_seen_by) {
  DocumentMeasurements measured;
  measured.document_id = "made by hand";
  for (std::int64_t t = 1; t < 10; ++t) {
    measured.targets.push_back(t);
    measured.nll_nats.push_back(static_cast<double>(t));
  }
  measured.answers = {{7, 8}, {8, 9}};  // targets 8 and 9
  measured.lifetimes.last_seen_by = last_seen_by;
  measured.lifetimes.spans = {
      {"evidence", 2, 6, 0}, {"evidence", 6, 7, 1}, {"intro", 0, 2, -1}, {"tail", 9, 10, -1}};
  return measured;
}

//                                       0  1       2       3  4  5       6  7       8       9
const std::vector<std::int32_t> kHead0 = {0, 9, kStays, kStays, 6, 7, 8, 7, kStays, kStays};
const std::vector<std::int32_t> kHead1 = {kStays, 6, 6, kStays, 7, 6, 7, kStays, kStays, kStays};

std::map<std::string, MetricValue> collected(const std::vector<DocumentMeasurements>& documents,
                                             const std::map<std::string, ParameterValue>& given) {
  static PluginHost host({plugin_dir()});
  std::map<std::string, ParameterValue> values;
  for (const ParameterSpec& spec : host.describe(PluginKind::kMetric, "spans").parameters) {
    values[spec.name] = spec.default_value;
  }
  for (const auto& [parameter, value] : given) values.at(parameter) = value;
  const std::unique_ptr<Metric> metric = host.make_metric("spans");
  metric->configure(Parameters(values));
  EXPECT_TRUE(metric->needs().lifetimes);
  const std::unique_ptr<MetricCollector> collector = metric->make_collector();
  for (const DocumentMeasurements& measured : documents) collector->observe(measured);
  std::map<std::string, MetricValue> by_name;
  for (const MetricValue& value : collector->finish(CellMeasurements())) {
    EXPECT_TRUE(by_name.emplace(value.name, value).second) << value.name;
  }
  return by_name;
}

TEST(SpansMetric, CountsEntriesThatTheAnswersQuerySaw) {
  const auto values = collected({document({{kHead0, kHead1}})}, {{"at", std::vector<double>{0.5}}});
  const std::map<std::string, double> expected = {
      // Seen by 7, of tokens 2 to 5: 2, 3, 5 and 3, 4; by 8, of token 6: head 0 alone.
      {"held_evidence", 6.0 / 10},
      {"held_evidence.end", 3.0 / 10},  // 2, 3 and 3
      // Once 5 tokens are fed tokens 2 to 4 are there, in two heads, and none has left.
      {"held_evidence_at0.5", 1},
      {"held_intro", 2.0 / 4},  // the first answer behind it is asked for at 7: 1 and 0
      {"held_intro.end", 1.0 / 4},
      {"held_intro_at0.5", 3.0 / 4},  // all but token 0 of head 0
      {"held_tail", 1},               // no answer is behind it
      {"held_tail.end", 1},
      {"evidence_held", (5.0 / 8 + 1.0 / 2) / 2},
      {"answers_with_evidence", 1},
      {"answer_nll_evidence_held", 8.5}};
  std::map<std::string, double> got;
  for (const auto& [name, value] : values) got[name] = value.value;
  ASSERT_EQ(got.size(), expected.size());
  for (const auto& [name, value] : expected) EXPECT_DOUBLE_EQ(got.at(name), value) << name;
  EXPECT_EQ(values.at("evidence_held").answers,
            (std::vector<std::vector<double>>{{5.0 / 8, 1.0 / 2}}));
}

TEST(SpansMetric, TellsAnswersApartByWhetherTheirEvidenceWasThere) {
  const struct {
    double threshold, with_evidence;
    std::map<std::string, double> nll;
  } cases[] = {{0, 1, {{"answer_nll_evidence_held", 8.5}}},
               {0.5, 1, {{"answer_nll_evidence_held", 8.5}}},
               {0.6, 0.5, {{"answer_nll_evidence_held", 8}, {"answer_nll_evidence_lost", 9}}},
               {1, 0, {{"answer_nll_evidence_lost", 8.5}}}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.threshold);
    const auto values = collected({document({{kHead0, kHead1}})}, {{"threshold", c.threshold}});
    EXPECT_DOUBLE_EQ(values.at("answers_with_evidence").value, c.with_evidence);
    for (const char* name : {"answer_nll_evidence_held", "answer_nll_evidence_lost"}) {
      ASSERT_EQ(values.count(name), c.nll.count(name)) << name;
      if (c.nll.count(name) > 0) {
        EXPECT_DOUBLE_EQ(values.at(name).value, c.nll.at(name));
      }
    }
  }
}

TEST(SpansMetric, TellsOfLayersAndHeadsWhereAsked) {
  const DocumentMeasurements measured = document({{kHead0, kHead1}, {kHead1, kHead1}});
  const auto heads = collected({measured}, {{"by", std::string("head")}});
  EXPECT_DOUBLE_EQ(heads.at("held_evidence").value, 10.0 / 20);
  EXPECT_DOUBLE_EQ(heads.at("held_evidence.l0h0").value, 4.0 / 5);
  EXPECT_DOUBLE_EQ(heads.at("held_evidence.l0h1").value, 2.0 / 5);
  EXPECT_DOUBLE_EQ(heads.at("held_evidence.end.l1h0").value, 1.0 / 5);
  EXPECT_EQ(heads.count("held_evidence.l0"), 0U);
  const auto layers = collected({measured}, {{"by", std::string("layer")}});
  EXPECT_DOUBLE_EQ(layers.at("held_evidence.l0").value, 6.0 / 10);
  EXPECT_DOUBLE_EQ(layers.at("held_evidence.l1").value, 4.0 / 10);
  EXPECT_EQ(layers.count("held_evidence.l0h0"), 0U);
}

TEST(SpansMetric, DocumentsCountAlikeAndOneWithoutASpanHasNoShare) {
  DocumentMeasurements other = document({{kHead1, kHead1}});
  other.lifetimes.spans = {{"evidence", 2, 6, 0}};
  DocumentMeasurements nothing = document({{kHead0, kHead0}});
  nothing.answers.clear();
  nothing.lifetimes.spans.clear();
  const auto values = collected({document({{kHead0, kHead1}}), other, nothing}, {});
  const MetricValue& evidence = values.at("held_evidence");
  EXPECT_DOUBLE_EQ(evidence.value, (0.6 + 0.5) / 2);
  EXPECT_EQ(evidence.documents, (std::vector<std::optional<double>>{0.6, 0.5, std::nullopt}));
  EXPECT_EQ(values.at("held_intro").documents,
            (std::vector<std::optional<double>>{0.5, std::nullopt, std::nullopt}));
  EXPECT_DOUBLE_EQ(values.at("evidence_held").value, (5.0 / 8 + 1.0 / 2 + 1.0 / 2) / 3);
  EXPECT_TRUE(values.at("evidence_held").answers.empty());  // the second answer of `other` has none
  EXPECT_EQ(values.at("evidence_held").documents.back(), std::nullopt);
}

TEST(SpansMetric, RefusesWhatNamesNoSpanAndWhatHasNoLifetimes) {
  DocumentMeasurements nothing = document({{kHead0, kHead1}});
  nothing.lifetimes.spans.clear();
  EXPECT_EQ(problem_of([&] { collected({nothing}, {}); }).what, "spans has nothing to look at");
  const Problem missing = problem_of([&] { collected({document({})}, {}); });
  EXPECT_EQ(missing.what, "the lifetimes of entries are missing");
  EXPECT_EQ(missing.where, "made by hand");
}

}  // namespace
}  // namespace pressroom::spans_metric_test
