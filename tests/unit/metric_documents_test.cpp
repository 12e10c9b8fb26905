// What the metrics that come with Pressroom tell of each document and each answer, as the plugins
// they are, on measurements made by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "stream_test_support.h"

namespace pressroom::metric_documents_test {
namespace {

using Documents = std::vector<std::optional<double>>;

MetricValue value_of(const std::string& plugin, const std::string& name,
                     const std::vector<DocumentMeasurements>& documents,
                     const CellMeasurements& cell = {}) {
  static PluginHost host({plugin_dir()});
  const std::unique_ptr<Metric> metric = host.make_metric(plugin);
  metric->configure(Parameters());
  const std::unique_ptr<MetricCollector> collector = metric->make_collector();
  for (const DocumentMeasurements& document : documents) collector->observe(document);
  for (const MetricValue& value : collector->finish(cell)) {
    if (value.name == name) return value;
  }
  ADD_FAILURE() << "no value of " << name;
  return {};
}

void expect_documents(const Documents& got, const Documents& expected, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].has_value(), expected[i].has_value()) << what << ", document " << i;
    if (!got[i]) continue;
    EXPECT_DOUBLE_EQ(*got[i], *expected[i]) << what << ", document " << i;
  }
}

DocumentMeasurements document(const std::vector<double>& nll_nats) {
  DocumentMeasurements measured;
  measured.nll_nats = nll_nats;
  for (std::size_t i = 0; i < nll_nats.size(); ++i) {
    measured.targets.push_back(static_cast<std::int64_t>(i) + 1);
    measured.is_top1.push_back(nll_nats[i] < 1);  // so that a nll says both
  }
  return measured;
}

TEST(MetricDocuments, OfPerplexityAreTheirOwnMeans) {
  const std::vector<DocumentMeasurements> documents = {document({1, 3}), document({}),
                                                       document({5, 6, 7, 6})};
  const MetricValue mean = value_of("perplexity", "cross_entropy", documents);
  expect_documents(mean.documents, {2, std::nullopt, 6}, "cross_entropy");
  EXPECT_DOUBLE_EQ(mean.value, 28.0 / 6);  // each target counts the same
  expect_documents(value_of("perplexity", "perplexity", documents).documents,
                   {std::exp(2), std::nullopt, std::exp(6)}, "perplexity");
}

TEST(MetricDocuments, OfExactMatchAreTheirOwnSharesAndAnswers) {
  DocumentMeasurements first = document({0.5, 2, 0.25, 0.75});
  first.answers = {{0, 1}, {1, 3}, {2, 4}};  // right, wrong, right
  DocumentMeasurements second = document({4});
  second.answers = {{0, 1}};
  const std::vector<DocumentMeasurements> documents = {first, document({1}), second};
  const MetricValue match = value_of("exact_match", "exact_match", documents);
  expect_documents(match.documents, {2.0 / 3, std::nullopt, 0}, "exact_match");
  EXPECT_EQ(match.answers, (std::vector<std::vector<double>>{{1, 0, 1}, {}, {0}}));
  EXPECT_DOUBLE_EQ(match.value, 2.0 / 4);
  // Tokens of its answers: 0.5; 2, 0.25; 0.25, 0.75.
  expect_documents(value_of("exact_match", "answer_token_accuracy", documents).documents,
                   {4.0 / 5, std::nullopt, 0}, "answer_token_accuracy");
  expect_documents(value_of("exact_match", "answer_nll", documents).documents,
                   {3.75 / 5, std::nullopt, 4}, "answer_nll");
}

TEST(MetricDocuments, OfFidelityAreTheirOwnMeansAndShares) {
  DocumentMeasurements first = document({1, 1, 1, 1});
  first.kl_nats = {0.5, 0.25, 0, 0.25};
  first.is_dense_top1 = {true, true, true, false};
  DocumentMeasurements second = document({1});
  second.kl_nats = {2};
  second.is_dense_top1 = {false};
  const std::vector<DocumentMeasurements> documents = {first, document({}), second};
  expect_documents(value_of("fidelity", "kl_mean", documents).documents, {0.25, std::nullopt, 2},
                   "kl_mean");
  expect_documents(value_of("fidelity", "top1_agreement", documents).documents,
                   {0.75, std::nullopt, 0}, "top1_agreement");
  EXPECT_TRUE(value_of("fidelity", "kl_p99", documents).documents.empty());
}

TEST(MetricDocuments, OfCacheAreWhatEachHeld) {
  CellMeasurements cell;
  cell.model.layers = 2;
  cell.model.kv_heads = 2;
  DocumentMeasurements first, second;
  first.kept_per_head = {{4, 2}, {1, 1}};
  first.entries_seen = 16;
  first.entries_per_step = {4, 8, 12};
  second.kept_per_head = {{3, 3}, {3, 3}};
  second.entries_seen = 12;
  second.entries_per_step = {12};
  expect_documents(value_of("cache", "kept_ratio", {first, second}, cell).documents, {0.5, 1},
                   "kept_ratio");
  const MetricValue mean = value_of("cache", "mean_cache_entries", {first, second}, cell);
  expect_documents(mean.documents, {2, 3}, "mean_cache_entries");
  EXPECT_DOUBLE_EQ(mean.value, 2.5);
}

}  // namespace
}  // namespace pressroom::metric_documents_test
