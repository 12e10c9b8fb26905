// Rank, probabilities and entropy of targets, and the logits of chosen ones: the formulas, both
// engines under every protocol, and that what nobody asks for is not there.
#include "engine/distribution/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "protocol/protocol.h"
#include "stream_test_support.h"

namespace pressroom::distribution_test {
namespace {

using Indices = std::vector<std::int64_t>;

// By a plain loop in double.
TargetDistribution expected_of(const std::vector<float>& logits, std::int64_t target) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  TargetDistribution expected;
  expected.rank = 1;
  for (const float logit : logits) {
    const double p = std::exp(logit - largest) / sum;
    if (p > 0) expected.entropy_nats -= p * std::log(p);
    expected.top_probability = std::max(expected.top_probability, p);
    expected.rank += logit > logits[target] ? 1 : 0;
  }
  expected.target_probability = std::exp(logits[target] - largest) / sum;
  return expected;
}

TargetDistribution distribution(const std::vector<float>& logits, std::int64_t target) {
  const auto vocabulary = static_cast<std::int64_t>(logits.size());
  return distribution_of(logits.data(), vocabulary, target,
                         score_target(logits.data(), vocabulary, target));
}

void expect_near(const TargetDistribution& got, const TargetDistribution& expected,
                 double tolerance, const std::string& what) {
  EXPECT_NEAR(got.target_probability, expected.target_probability, tolerance) << what;
  EXPECT_NEAR(got.top_probability, expected.top_probability, tolerance) << what;
  EXPECT_NEAR(got.entropy_nats, expected.entropy_nats, tolerance) << what;
}

TEST(Distribution, OfLogitsWorkedOutOnPaper) {
  const auto ln = [](double x) { return static_cast<float>(std::log(x)); };
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  struct Case {
    std::string what;
    std::vector<float> logits;
    std::int64_t target;
    TargetDistribution expected;  // rank, probability, that of the top, entropy
  };
  const double quarters = 0.25 * std::log(4) + 0.75 * std::log(4.0 / 3);
  const std::vector<Case> cases = {
      {"four alike share the first rank", {7, 7, 7, 7}, 3, {1, 0.25, 0.25, std::log(4)}},
      {"one quarter", {ln(1), ln(3)}, 0, {2, 0.25, 0.75, quarters}},
      {"three quarters", {ln(1), ln(3)}, 1, {1, 0.75, 0.75, quarters}},
      {"a constant more is the same", {90 + ln(1), 90 + ln(3)}, 0, {2, 0.25, 0.75, quarters}},
      {"two are larger, one is equal", {1, 2, 3, 1}, 0, expected_of({1, 2, 3, 1}, 0)},
      {"certain", {0, 500, 0}, 1, {1, 1, 1, 0}},
      {"what cannot be", {0, kNever, 0}, 1, {3, 0, 0.5, std::log(2)}},
      {"a vocabulary of one", {5}, 0, {1, 1, 1, 0}}};
  for (const Case& c : cases) {
    const TargetDistribution got = distribution(c.logits, c.target);
    EXPECT_EQ(got.rank, c.expected.rank) << c.what;
    expect_near(got, c.expected, 1e-6, c.what);
    EXPECT_GE(got.entropy_nats, 0) << c.what;
  }
}

// Lengths around the widths of vectors and stretches.
TEST(Distribution, AgreesWithDoublePrecisionForAnyVocabulary) {
  for (const std::int64_t vocabulary : {1, 2, 15, 16, 17, 1023, 1024, 1025, 5000}) {
    for (const double spread : {0.0, 0.1, 5.0, 100.0}) {
      const RandomKey random = RandomKey(4).with(vocabulary);
      std::vector<float> logits;
      for (std::int64_t v = 0; v < vocabulary; ++v) {
        logits.push_back(static_cast<float>(spread * (random.with(v).uniform() - 0.5)));
      }
      for (const std::int64_t target : {std::int64_t{0}, vocabulary / 2, vocabulary - 1}) {
        const TargetDistribution got = distribution(logits, target);
        const std::string what = std::to_string(vocabulary) + ", " + std::to_string(spread);
        EXPECT_EQ(got.rank, expected_of(logits, target).rank) << what;
        expect_near(got, expected_of(logits, target), 2e-6, what);
      }
    }
  }
}

const TinyModel& tiny() {
  static const TinyModel model(TinyShape(), RandomKey(1));
  return model;
}

Indices ids_of(std::int64_t count) { return random_ids(count, TinyShape(), RandomKey(2)); }

// Keeps the newest.
TestMethod newest() {
  TestMethod newest(Ranking::kBirthScore);
  newest.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return entries.positions().to(at::kFloat).expand({2, entries.size()});
  };
  return newest;
}

DocumentRun run_asked(Engine engine, const Protocol& protocol, const TokenDocument& document,
                      bool distributions) {
  const TestMethod method = newest();
  RunSettings settings = settings_of(method, 20);
  settings.protocol = protocol;
  settings.keep_distributions = distributions;
  return run_documents(engine, tiny().model(), method, settings, {document}, RunControl()).front();
}

std::vector<Protocol> protocols() {
  std::vector<Protocol> all(5);
  all[1].kind = ProtocolKind::kChunked;
  all[1].chunk_size = 8;
  all[2].kind = ProtocolKind::kPrefill;
  all[2].prefill_tokens = 70;
  all[3].kind = all[4].kind = ProtocolKind::kWindow;
  all[3].window = all[4].window = 50;
  all[3].stride = 20;
  all[4].stride = 50;
  return all;
}

// Every target whose number is a multiple of 7: their logits give all the rest by a plain loop.
TEST(DistributionsOfRuns, AreThoseOfTheLogitsByBothEnginesUnderEveryProtocol) {
  constexpr std::int64_t kTokens = 300;  // more than one product of the output head
  for (const Protocol& protocol : protocols()) {
    SCOPED_TRACE(protocol.text());
    TokenDocument document = {"document", ids_of(kTokens)};
    const Indices targets = targets_of(protocol, kTokens);
    for (const std::int64_t target : targets) {
      if (target % 7 == 0) document.wanted_logits.push_back(target);
    }
    std::vector<DocumentRun> runs;
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      const DocumentRun& run = runs.emplace_back(run_asked(engine, protocol, document, true));
      ASSERT_EQ(run.targets, targets);
      ASSERT_EQ(run.distributions.size(), targets.size());
      ASSERT_EQ(run.wanted_logits.size(), document.wanted_logits.size());
      std::size_t row = 0;
      for (std::size_t i = 0; i < targets.size(); ++i) {
        EXPECT_NEAR(std::log(run.distributions[i].target_probability), -run.nll_nats[i], 1e-9);
        EXPECT_EQ(run.distributions[i].rank == 1, run.is_top1[i]);
        if (targets[i] % 7 != 0) continue;
        const std::vector<float>& logits = run.wanted_logits[row++];
        const std::int64_t id = document.ids[static_cast<std::size_t>(targets[i])];
        EXPECT_EQ(run.distributions[i].rank, expected_of(logits, id).rank);
        expect_near(run.distributions[i], expected_of(logits, id), 1e-6, "a target");
      }
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const TargetDistribution& decoded = runs[1].distributions[i];
      expect_near(runs[0].distributions[i], decoded, 1e-5, "replayed and decoded");
      // Two logits that rounding alone tells apart may change places.
      EXPECT_LE(std::abs(runs[0].distributions[i].rank - decoded.rank), 1);
    }
  }
}

// The rows are those of the right positions: a run of the tokens before a target ends with them.
TEST(DistributionsOfRuns, ReadTheLogitsOfThePositionBeforeTheTarget) {
  TokenDocument document = {"document", ids_of(40)};
  document.wanted_logits = {3, 17, 39};
  for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
    const DocumentRun run = run_asked(engine, Protocol(), document, false);
    ASSERT_EQ(run.wanted_logits.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      const TokenDocument before = {
          "document",
          Indices(document.ids.begin(), document.ids.begin() + document.wanted_logits[i])};
      const DocumentRun ends = run_asked(Engine::kDecode, Protocol(), before, false);
      ASSERT_EQ(run.wanted_logits[i].size(), ends.last_logits.size());
      for (std::size_t v = 0; v < ends.last_logits.size(); ++v) {
        EXPECT_NEAR(run.wanted_logits[i][v], ends.last_logits[v], 1e-4);
      }
    }
  }
}

TEST(DistributionsOfRuns, AreNotThereUnaskedAndChangeNothingElse) {
  TokenDocument asked = {"document", ids_of(200)};
  asked.wanted_logits = {5, 6};
  const TokenDocument unasked = {"document", asked.ids};
  for (const Protocol& protocol : protocols()) {
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      const DocumentRun without = run_asked(engine, protocol, unasked, false);
      EXPECT_TRUE(without.distributions.empty());
      EXPECT_TRUE(without.wanted_logits.empty());
      const DocumentRun with = run_asked(engine, protocol, asked, true);
      EXPECT_EQ(with.nll_nats, without.nll_nats) << protocol.text();
      EXPECT_EQ(with.is_top1, without.is_top1) << protocol.text();
      EXPECT_EQ(with.last_logits, without.last_logits) << protocol.text();
    }
  }
}

}  // namespace
}  // namespace pressroom::distribution_test
