// KL divergence from the dense run and top-1 agreement: the formula, the way from hidden states to
// it, and the metric that pools it.
#include "engine/fidelity/fidelity.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::fidelity_test {
namespace {

using Indices = std::vector<std::int64_t>;

const TinyModel& tiny() {
  static const TinyModel model(TinyShape(), RandomKey(1));
  return model;
}

Indices ids_of(std::int64_t count) { return random_ids(count, TinyShape(), RandomKey(2)); }

// Keeps the newest.
TestMethod window_method() {
  TestMethod window(Ranking::kBirthScore);
  window.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return entries.positions().to(at::kFloat).expand({2, entries.size()});
  };
  return window;
}

DocumentRun run_kept(Engine engine, const Method& method, std::int64_t budget,
                     const Protocol& protocol, const Indices& ids) {
  RunSettings settings = settings_of(method, budget);
  settings.protocol = protocol;
  settings.keep_hidden = true;
  return std::move(
      run_documents(engine, tiny().model(), method, settings, {{"document", ids}}, RunControl())
          .front());
}

DocumentRun dense_kept(Engine engine, const Protocol& protocol, const Indices& ids) {
  return run_kept(engine, TestMethod(Ranking::kNone), static_cast<std::int64_t>(ids.size()),
                  protocol, ids);
}

Fidelity compared(const DocumentRun& dense, const DocumentRun& run, std::int64_t threads = 1) {
  return fidelity_of(tiny().model(), dense.hidden, run.hidden, run.targets, threads);
}

std::vector<double> log_softmax(const std::vector<float>& logits) {
  double largest = logits.front();
  for (const float logit : logits) largest = std::max(largest, static_cast<double>(logit));
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
  std::vector<double> logs;
  for (const float logit : logits) logs.push_back(logit - largest - std::log(sum));
  return logs;
}

double kl_of(const std::vector<float>& dense, const std::vector<float>& logits) {
  const std::vector<double> p = log_softmax(dense);
  const std::vector<double> q = log_softmax(logits);
  double kl = 0;
  for (std::size_t v = 0; v < p.size(); ++v) kl += std::exp(p[v]) * (p[v] - q[v]);
  return kl;
}

std::int64_t lowest_top1(const std::vector<float>& logits) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

TEST(Fidelity, OfLogitsWorkedOutOnPaper) {
  const auto ln = [](double x) { return static_cast<float>(std::log(x)); };
  struct Case {
    std::string what;
    std::vector<float> dense, logits;
    double kl;
    bool same;
  };
  const std::vector<Case> cases = {
      {"a half each against 1/4 and 3/4, at one time tied",
       {0, 0},
       {ln(1), ln(3)},
       0.5 * std::log(4.0 / 3),
       false},
      {"the other way about",
       {ln(1), ln(3)},
       {0, 0},
       0.25 * std::log(0.5) + 0.75 * std::log(1.5),
       false},
      {"a constant more is the same", {1, 2, 3}, {101, 102, 103}, 0, true},
      {"the lowest id of two equals, on both sides",
       {5, 5, 1},
       {5, 4, 1},
       kl_of({5, 5, 1}, {5, 4, 1}),
       true},
      {"the lowest id of two equals is another",
       {5, 5, 1},
       {4, 5, 1},
       kl_of({5, 5, 1}, {4, 5, 1}),
       false},
      {"certain against even", {100, 0}, {0, 0}, std::log(2.0), true}};
  for (const Case& c : cases) {
    const auto vocabulary = static_cast<std::int64_t>(c.dense.size());
    const TargetFidelity got = compare_logits(c.dense.data(), c.logits.data(), vocabulary);
    EXPECT_NEAR(got.kl_nats, c.kl, 1e-6) << c.what;
    EXPECT_EQ(got.is_same_top1, c.same) << c.what;
  }
}

// Lengths around the widths of vectors and stretches, and logits from equal to far apart.
TEST(Fidelity, AgreesWithDoublePrecisionForAnyVocabulary) {
  for (const std::int64_t vocabulary : {1, 2, 15, 16, 17, 1023, 1024, 1025, 5000}) {
    for (const double distance : {0.0, 1e-3, 0.1, 3.0}) {
      const RandomKey random = RandomKey(4).with(vocabulary);
      std::vector<float> dense, logits;
      for (std::int64_t v = 0; v < vocabulary; ++v) {
        dense.push_back(static_cast<float>(20 * random.with(v).uniform() - 10));
        logits.push_back(dense.back() +
                         static_cast<float>(distance * (random.with(v).with(1).uniform() - 0.5)));
      }
      const TargetFidelity got = compare_logits(dense.data(), logits.data(), vocabulary);
      const double expected = kl_of(dense, logits);
      EXPECT_NEAR(got.kl_nats, expected, 1e-6 + 1e-6 * expected) << vocabulary << ", " << distance;
      EXPECT_GE(got.kl_nats, -1e-6);
      EXPECT_EQ(got.is_same_top1, lowest_top1(dense) == lowest_top1(logits));
    }
  }
}

TEST(Fidelity, IdenticalRowsAreExactlyTheSame) {
  const DocumentRun dense = dense_kept(Engine::kReplay, Protocol(), ids_of(300));
  const Fidelity fidelity = compared(dense, dense);
  ASSERT_EQ(fidelity.kl_nats.size(), 299U);
  EXPECT_EQ(fidelity.top1_agreement(), 1);
  for (const double kl : fidelity.kl_nats) EXPECT_LT(std::abs(kl), 1e-9);
}

// The logits of each target by a run of the tokens before it, which knows nothing of hidden states
// or blocks of rows.
TEST(Fidelity, AgreesWithTheLogitsOfEveryPrefix) {
  const Indices ids = ids_of(40);
  const TestMethod window = window_method();
  const DocumentRun dense = dense_kept(Engine::kDecode, Protocol(), ids);
  const DocumentRun run = run_kept(Engine::kDecode, window, 6, Protocol(), ids);
  const Fidelity fidelity = compared(dense, run);
  ASSERT_EQ(fidelity.kl_nats.size(), 39U);
  double largest = 0;
  for (std::int64_t target = 2; target < 40; ++target) {
    const Indices prefix(ids.begin(), ids.begin() + target);
    const std::vector<float> p = run_dense(tiny().model(), prefix).last_logits;
    const std::vector<float> q =
        run_one(tiny().model(), window, settings_of(window, 6), prefix).last_logits;
    const double expected = kl_of(p, q);
    EXPECT_NEAR(fidelity.kl_nats[target - 1], expected, 1e-5) << "target " << target;
    EXPECT_EQ(fidelity.is_same_top1[target - 1], lowest_top1(p) == lowest_top1(q));
    largest = std::max(largest, expected);
  }
  EXPECT_GT(largest, 1e-3) << "the method changes nothing, so nothing was tested";
}

TEST(Fidelity, IsTheSameByBothEnginesUnderEveryProtocol) {
  Protocol chunked, prefill;
  chunked.kind = ProtocolKind::kChunked;
  chunked.chunk_size = 8;
  prefill.kind = ProtocolKind::kPrefill;
  prefill.prefill_tokens = 150;
  const Indices ids = ids_of(200);
  for (const Protocol& protocol : {Protocol(), chunked, prefill}) {
    std::vector<Fidelity> found;
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      const DocumentRun dense = dense_kept(engine, protocol, ids);
      found.push_back(compared(dense, run_kept(engine, window_method(), 20, protocol, ids)));
    }
    const std::size_t targets = protocol.kind == ProtocolKind::kPrefill ? 49 : 199;
    ASSERT_EQ(found[0].kl_nats.size(), targets) << protocol.text();
    double sum = 0;
    for (std::size_t i = 0; i < targets; ++i) {
      EXPECT_NEAR(found[0].kl_nats[i], found[1].kl_nats[i], 1e-5) << protocol.text();
      EXPECT_GE(found[0].kl_nats[i], -1e-6) << protocol.text();
      sum += found[0].kl_nats[i];
    }
    EXPECT_GT(sum, 1e-3) << protocol.text();
  }
}

TEST(Fidelity, DoesNotDependOnThreads) {
  const Indices ids = ids_of(300);
  const DocumentRun dense = dense_kept(Engine::kReplay, Protocol(), ids);
  const DocumentRun run = run_kept(Engine::kReplay, window_method(), 20, Protocol(), ids);
  EXPECT_EQ(compared(dense, run, 1).kl_nats, compared(dense, run, 3).kl_nats);
}

TEST(Fidelity, RefusesRunsThatKeptNothingOrAnotherDocument) {
  const DocumentRun dense = dense_kept(Engine::kReplay, Protocol(), ids_of(9));
  DocumentRun bare = dense;
  bare.hidden = at::Tensor();
  EXPECT_EQ(problem_of([&] { compared(dense, bare); }).got, "[9,16] of dense, none");
  const DocumentRun other = dense_kept(Engine::kReplay, Protocol(), ids_of(12));
  EXPECT_EQ(problem_of([&] { compared(dense, other); }).got, "[9,16] of dense, [12,16]");
}

// A document of these divergences, of which the first `same` have dense's likeliest token.
DocumentMeasurements document(const std::vector<double>& kl_nats, std::size_t same) {
  DocumentMeasurements measured;
  measured.document_id = "made by hand";
  measured.kl_nats = kl_nats;
  for (std::size_t i = 0; i < kl_nats.size(); ++i) {
    measured.targets.push_back(static_cast<std::int64_t>(i) + 1);
    measured.is_dense_top1.push_back(i < same);
  }
  return measured;
}

std::unique_ptr<Metric> metric() {
  static PluginHost host({plugin_dir()});
  std::unique_ptr<Metric> metric = host.make_metric("fidelity");
  metric->configure(Parameters());
  return metric;
}

std::vector<double> values(const std::vector<DocumentMeasurements>& documents) {
  const std::unique_ptr<MetricCollector> collector = metric()->make_collector();
  for (const DocumentMeasurements& measured : documents) collector->observe(measured);
  std::vector<double> values;
  for (const MetricValue& value : collector->finish(CellMeasurements())) {
    values.push_back(value.value);
  }
  return values;
}

// n, n - 1, ... 1
std::vector<double> falling(std::int64_t n) {
  std::vector<double> numbers;
  for (; n > 0; --n) numbers.push_back(static_cast<double>(n));
  return numbers;
}

// Mean, p50, p90, p99, p99.9 and agreement; of 1 .. n the value of rank r is r.
TEST(FidelityMetric, PoolsByNearestRank) {
  struct Case {
    std::string what;
    std::vector<DocumentMeasurements> documents;
    std::vector<double> expected;
  };
  const std::vector<Case> cases = {
      {"one target", {document({0.25}, 1)}, {0.25, 0.25, 0.25, 0.25, 0.25, 1}},
      {"ten", {document(falling(10), 7)}, {5.5, 5, 9, 10, 10, 0.7}},
      {"an odd number", {document(falling(11), 0)}, {6, 6, 10, 11, 11, 0}},
      {"a thousand", {document(falling(1000), 1000)}, {500.5, 500, 900, 990, 999, 1}},
      {"one more", {document(falling(1001), 1001)}, {501, 501, 901, 991, 1000, 1}},
      {"documents are pooled", {document({4, 1}, 1), document({3, 2}, 2)}, {2.5, 2, 4, 4, 4, 0.75}},
      {"rounding may be below 0", {document({-1e-8, 0, 1}, 3)}, {(1 - 1e-8) / 3, 0, 1, 1, 1, 1}}};
  for (const Case& c : cases) {
    const std::vector<double> got = values(c.documents);
    ASSERT_EQ(got.size(), c.expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_DOUBLE_EQ(got[i], c.expected[i]) << c.what << ", value " << i;
    }
  }
}

TEST(FidelityMetric, NamesItsValuesAndAsksForTheDenseRun) {
  EXPECT_TRUE(metric()->needs().dense);
  const std::unique_ptr<MetricCollector> collector = metric()->make_collector();
  collector->observe(document({1}, 1));
  std::vector<std::string> lines;
  for (const MetricValue& value : collector->finish(CellMeasurements())) {
    lines.push_back(value.name + " " + value.unit + " " +
                    (value.direction == Direction::kHigherIsBetter ? "higher" : "lower"));
  }
  EXPECT_EQ(lines,
            (std::vector<std::string>{"kl_mean nats/token lower", "kl_p50 nats/token lower",
                                      "kl_p90 nats/token lower", "kl_p99 nats/token lower",
                                      "kl_p99.9 nats/token lower", "top1_agreement 1 higher"}));
}

TEST(FidelityMetric, RefusesDocumentsThatWereNotCompared) {
  DocumentMeasurements measured = document({1, 2}, 1);
  measured.kl_nats.clear();
  EXPECT_EQ(problem_of([&] { values({measured}); }).expected, "2 targets compared");
}

}  // namespace
}  // namespace pressroom::fidelity_test
