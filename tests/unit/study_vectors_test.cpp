// The hand examples by which the studies' methods are defined, one test each.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "fake_head_view.h"
#include "protocol/protocol.h"
#include "stream_test_support.h"

namespace pressroom::study_vectors_test {
namespace {

std::vector<Indices> caches_after(const Method& method, std::int64_t budget,
                                  const std::vector<float>& scores, const Indices& ids = {}) {
  HandCache cache(method, budget);
  std::vector<Indices> held;
  for (std::size_t t = 0; t < scores.size(); ++t) {
    cache.step(scores[t], ids.empty() ? 0 : ids[t]);
    held.push_back(cache.held());
  }
  return held;
}

TEST(StudyVectors, StreamingLlmKeepsTwoSinksAndThreeRecent) {
  const TinyModel tiny(TinyShape(), RandomKey(3));
  const Indices ids = random_ids(8, tiny.shape(), RandomKey(4));
  const auto method = plugin_method("streaming_llm", {{"n_sink", std::int64_t{2}}});
  const DocumentRun run = run_one(tiny.model(), *method, settings_of(*method, 5), ids);
  for (const auto& layer : run.kept) {
    for (const auto& head : layer) EXPECT_EQ(head, (Indices{0, 1, 5, 6, 7}));
  }
}

// The query at step 7 attends to {0,1,4,5,6,7}, whose keys are rotated by 0 ... 5.
TEST(StudyVectors, StreamingLlmRotatesByCacheIndex) {
  const TinyModel tiny(TinyShape(), RandomKey(3));
  const Indices ids = random_ids(8, tiny.shape(), RandomKey(4));
  TestMethod window(Ranking::kScore);
  window.eviction_plan.sinks = 2;
  window.eviction_plan.needs.keys_before_rope = true;
  const std::vector<double> frequencies = tiny.model().facts().rope_frequencies;
  Indices attended;
  window.on_score = [&](const PolicyContext&, const HeadView& head) {
    const at::Tensor positions = head.positions();  // each call may give a copy of its own
    const auto* first = positions.data_ptr<std::int64_t>();
    attended.assign(first, first + head.size());
    EXPECT_EQ(head.next_position(), head.size());
    const auto half = static_cast<std::int64_t>(frequencies.size());
    for (std::int64_t j = 0; j < head.size(); ++j) {
      for (std::int64_t c = 0; c < half; ++c) {
        const double angle = static_cast<double>(j) * frequencies[static_cast<std::size_t>(c)];
        const at::Tensor raw = head.keys_before_rope()[j];
        const double rotated = raw[c].item<double>() * std::cos(angle) -
                               raw[c + half].item<double>() * std::sin(angle);
        EXPECT_NEAR(head.keys()[j][c].item<double>(), rotated, 1e-5) << "cache index " << j;
      }
    }
    return head.positions().to(at::kFloat);
  };
  run_one(tiny.model(), window, settings_of(window, 5, Positions::kCacheIndex), ids);
  EXPECT_EQ(attended, (Indices{0, 1, 4, 5, 6, 7}));
}

TEST(StudyVectors, H2oKeepsOneHeavyAndOneRecent) {
  const auto method = plugin_method("h2o", {{"recent", tokens(1)}});
  HandCache cache(*method, 2);
  cache.attend({1});
  cache.attend({.6F, .4F});
  EXPECT_EQ(cache.held(), (Indices{0, 1}));
  cache.attend({.5F, .3F, .2F});
  EXPECT_EQ(cache.held(), (Indices{0, 2}));
  EXPECT_FLOAT_EQ(cache.sums().at(0), 2.1F);
  EXPECT_FLOAT_EQ(cache.sums().at(1), .2F);
  cache.attend({.1F, .7F, .2F});
  EXPECT_EQ(cache.held(), (Indices{0, 3}));
  EXPECT_FLOAT_EQ(cache.sums().at(0), 2.2F);
}

// Without heavy hitters, what is left of h2o is a window.
TEST(StudyVectors, H2oWithoutHeavyHittersIsAWindow) {
  const auto method = plugin_method("h2o", {{"recent", tokens(3)}});
  EXPECT_EQ(caches_after(*method, 3, {9, 8, 7, 6, 5}).back(), (Indices{2, 3, 4}));
}

TEST(StudyVectors, CabKeepsThreeLocalTwoBridgesFiveImportant) {
  const auto method = plugin_method("cab");
  PolicyContext context;
  context.budget_tokens = 10;
  const HandHead head = hand_head({9, 1, 8, 2, 7, 3, 6, 4, 5, 0, 0, 0});
  const at::Tensor kept = method->make_policy(context)->keep(head);
  EXPECT_TRUE(at::equal(kept, to_tensor({0, 2, 3, 4, 5, 6, 8, 9, 10, 11})));
}

TEST(StudyVectors, CabTruncatesItsParts) {
  const auto method = plugin_method("cab");
  const std::vector<std::pair<std::int64_t, std::int64_t>> local = {
      {10, 3}, {102, 30}, {409, 122}, {410, 123}, {1000, 300}, {1, 0}};
  for (const auto& [budget, expected] : local) {
    EXPECT_EQ(method->plan(budget).recents, expected) << budget;
  }
}

// Tokens 3 and 5 have high scores and are lost, because they leave the window between updates.
TEST(StudyVectors, LazyH2oDropsBetweenUpdatesWhateverTheScore) {
  const auto method = plugin_method("lazy_h2o", {{"n_sink", std::int64_t{1}},
                                                 {"recent", tokens(2)},
                                                 {"heavy", tokens(1)},
                                                 {"update_interval", std::int64_t{2}}});
  const auto held = caches_after(*method, 4, {0, 1, 2, 9, 3, 8, 4, 5, 6});
  EXPECT_EQ(held.at(3), (Indices{0, 1, 2, 3}));
  const std::vector<Indices> expected = {
      {0, 2, 3, 4}, {0, 2, 4, 5}, {0, 4, 5, 6}, {0, 4, 6, 7}, {0, 6, 7, 8}};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(held.at(i + 4), expected[i]) << i;
}

TEST(StudyVectors, SepLlmKeepsTheLastSeparator) {
  const auto method = plugin_method("sepllm", {{"n_sink", std::int64_t{1}},
                                               {"separators", tokens(1)},
                                               {"local", tokens(2)},
                                               {"capacity", tokens(6)},
                                               {"separator_ids", Indices{7}}});
  const Indices ids = {0, 0, 7, 0, 7, 0, 0, 0, 0, 0};
  const auto held = caches_after(*method, 6, std::vector<float>(ids.size(), 0), ids);
  EXPECT_EQ(held.at(5), (Indices{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(held.at(6), (Indices{0, 4, 5, 6}));
  EXPECT_EQ(held.at(8), (Indices{0, 4, 5, 6, 7, 8}));
  EXPECT_EQ(held.at(9), (Indices{0, 4, 8, 9}));
}

TEST(StudyVectors, LocalStridedKeepsAWindowAndTheMultiples) {
  for (const std::int64_t stride : {1, 3, 4}) {
    for (const std::int64_t window : {1, 5}) {
      const auto method =
          plugin_method("local_strided", {{"local_window", tokens(window)}, {"stride", stride}});
      const auto held = caches_after(*method, 100, std::vector<float>(40, 0));
      for (std::int64_t t = 0; t < 40; ++t) {
        Indices expected;
        for (std::int64_t p = 0; p <= t; ++p) {
          if (p >= t - window + 1 || p % stride == 0) expected.push_back(p);
        }
        ASSERT_EQ(held.at(static_cast<std::size_t>(t)), expected) << stride << ", step " << t;
      }
    }
  }
}

TEST(StudyVectors, LocalStridedIsMonotoneAndKeepsTheBudget) {
  for (const char* overflow : {"recent", "double"}) {
    const auto method = plugin_method("local_strided", {{"local_window", tokens(4)},
                                                        {"stride", std::int64_t{2}},
                                                        {"overflow", std::string(overflow)}});
    Indices before;
    for (const Indices& held : caches_after(*method, 9, std::vector<float>(70, 0))) {
      EXPECT_LE(held.size(), 9U) << overflow;
      EXPECT_EQ(without(held, merged(before, {held.back()})), Indices{}) << overflow;
      before = held;
    }
    // 66 is the first position of the window; five places are left.
    const Indices strided = std::string(overflow) == "recent" ? Indices{56, 58, 60, 62, 64}
                                                              : Indices{0, 16, 32, 48, 64};
    EXPECT_EQ(before, merged(strided, {66, 67, 68, 69}));
  }
}

// An output head of zeros says nothing, whatever is held: every target costs ln V nats.
TEST(StudyVectors, UniformLogitsGiveTheVocabularyAsPerplexity) {
  const TinyShape shape;
  TinyWeights weights = random_weights(shape, RandomKey(5));
  for (float& weight : weights.at("lm_head.weight").values) weight = 0;
  const TinyModel tiny(shape, weights);
  const Indices ids = random_ids(20, shape, RandomKey(6));
  for (const char* name : {"dense", "streaming_llm", "h2o", "h2o_20_80", "lazy_h2o", "cab",
                           "cab_v3", "cab_v4", "local_strided", "random", "observed_attention"}) {
    const auto method = plugin_method(name);
    const DocumentRun run = run_one(tiny.model(), *method, settings_of(*method, 10), ids);
    const double sum = std::accumulate(run.nll_nats.begin(), run.nll_nats.end(), 0.0);
    const double perplexity = std::exp(sum / static_cast<double>(run.nll_nats.size()));
    EXPECT_NEAR(perplexity, static_cast<double>(shape.vocabulary), 1e-4) << name;
  }
}

std::int64_t targets_of(std::int64_t window, std::int64_t stride, std::int64_t tokens) {
  Protocol protocol;
  protocol.kind = ProtocolKind::kWindow;
  protocol.window = window;
  protocol.stride = stride;
  std::int64_t targets = 0;
  for (const ScoredWindow& w : windows_of(protocol, tokens)) targets += w.end - w.first_target;
  return targets;
}

TEST(StudyVectors, ProtocolsScoreTheTargetsTheStudiesCounted) {
  EXPECT_EQ(targets_of(512, 512, 59202), 59086);
  EXPECT_EQ(targets_of(1024, 512, 10000), 9999);
  EXPECT_EQ(59202 - schedule_of(Protocol(), EvictionPlan(), 59202).first_target, 59201);
}

}  // namespace
}  // namespace pressroom::study_vectors_test
