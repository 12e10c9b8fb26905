// What methods around methods keep, event by event, of scores that a test writes down.
#include <gtest/gtest.h>

#include <numeric>

#include "wrapper_test_support.h"

namespace pressroom::wrappers_test {
namespace {

std::int64_t count(std::int64_t value) { return value; }

Table one_head(std::vector<float> scores) { return {std::move(scores)}; }

std::vector<std::int64_t> range(std::int64_t begin, std::int64_t end) {
  return indices_of({begin, end});
}

TEST(AdaKv, SharesALayersPlacesOutByScore) {
  const Table scores = {{9, 8, 7, 6, 5, 4}, {1, 3, 0, 2, 0, 0}};
  const auto with = [](double alpha) { return Given{{"alpha_safeguard", alpha}}; };
  const auto none = wrapped("adakv", scripted(), with(0));
  EXPECT_EQ(Events(*none, scores, 3, 6).feed(6), (Rows{range(0, 6), {}}));
  const auto some = wrapped("adakv", scripted(), with(0.4));  // trunc(1.2): one each
  EXPECT_EQ(Events(*some, scores, 3, 6).feed(6), (Rows{range(0, 5), {1}}));
  const auto equal = wrapped("adakv", scripted(), with(1));
  EXPECT_EQ(Events(*equal, scores, 3, 6).feed(6), (Rows{{0, 1, 2}, {0, 1, 3}}));
  const auto least = wrapped("adakv", scripted(), with(0.1));  // trunc(0.3), but at least one
  EXPECT_EQ(Events(*least, scores, 3, 6).feed(6), (Rows{range(0, 5), {1}}));
}

TEST(AdaKv, KeepsTheNewerOfEqualsAndWhatIsProtected) {
  const auto method = wrapped("adakv", scripted(Ranking::kSignal, 1, 1));
  EXPECT_EQ(Events(*method, {{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}, 3, 5).feed(5),
            (Rows{{0, 3, 4}, {0, 3, 4}}));
  EXPECT_EQ(Events(*method, {{0, 5, 5, 5, 0}, {0, 0, 0, 0, 0}}, 2, 5).feed(5),
            (Rows{{0, 4}, {0, 4}}));
}

TEST(CriticalKv, AFirstStageStaysWhateverItsValues) {
  // In the scripted layer |W_O v|_1 = 2 |s|, so the score is 2 (s + epsilon) |s|.
  const auto method = wrapped("criticalkv", scripted(), {{"epsilon", 0.0}});
  PolicyContext context;
  context.budget_tokens = 2;
  const auto policy = method->make_policy(context);
  ScriptedHead head;
  head.held = {0, 1, 2, 3};
  head.scores = {3, 1, 2, 0.5};
  const std::vector<float> scores = to_floats(policy->score(head));
  EXPECT_GT(scores[0], 1e38F);
  EXPECT_EQ(std::vector<float>(scores.begin() + 1, scores.end()), (std::vector<float>{2, 8, 0.5}));
  head.held = {0, 2, 3};  // known weights follow their positions
  EXPECT_EQ(to_floats(policy->score(head))[1], 8);
}

TEST(PyramidKv, EachLayerKeepsItsOwnBudget) {
  const auto method = wrapped("pyramidkv", scripted(), {{"beta", 4.0}, {"window_size", count(2)}});
  Table scores = one_head(std::vector<float>(40, 0));
  std::vector<std::size_t> sizes;
  for (std::int64_t layer = 0; layer < 4; ++layer) {
    sizes.push_back(Events(*method, scores, 16, 40, layer).feed(40)[0].size());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{28, 20, 12, 4}));  // min 16 / 4, max 32 - 4
}

TEST(Chunk, EachChunkGivesUpTheSameFraction) {
  const auto method = wrapped("chunk", scripted(), {{"chunk_length", count(4)}});
  EXPECT_EQ(Events(*method, one_head({9, 8, 7, 6, 1, 2, 3, 4, 0, 0}), 5, 10).feed(10),
            (Rows{{0, 1, 6, 7, 9}}));
  // One entry of each chunk would be more than the budget: the lowest of them go.
  EXPECT_EQ(Events(*method, one_head({9, 8, 7, 6, 1, 2, 3, 4, 0, 0}), 2, 10).feed(10),
            (Rows{{0, 7}}));
  // What the inner method protects stays, beyond a chunk's share too.
  const auto safe = wrapped("chunk", scripted(Ranking::kScore, 1, 3), {{"chunk_length", count(4)}});
  EXPECT_EQ(Events(*safe, one_head({0, 8, 7, 6, 1, 2, 3, 4, 0, 0}), 5, 10).feed(10),
            (Rows{{0, 1, 7, 8, 9}}));
}

TEST(ChunkKv, WholeChunksStayAndTheNextOneFillsTheBudget) {
  const Given length = {{"chunk_length", count(3)}};
  const Table scores = {{1, 1, 1, 5, 0, 4, 2, 2, 2, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
  const Rows full = Events(*wrapped("chunkkv", scripted(), length), scores, 6, 10).feed(10);
  EXPECT_EQ(full, (Rows{{3, 4, 5, 7, 8, 9}, {3, 4, 5, 7, 8, 9}}));
  const Given as_kvpress = {{"chunk_length", count(3)}, {"compat", std::string("kvpress")}};
  const Rows whole = Events(*wrapped("chunkkv", scripted(), as_kvpress), scores, 6, 10).feed(10);
  EXPECT_EQ(whole, (Rows{{3, 4, 5, 9}, {3, 4, 5, 9}}));  // trunc(4 chunks * 6 / 10)
}

TEST(Block, EqualsTheInnerMethodForScoresOfEntriesAlone) {
  std::vector<float> scores(50);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<float>((i * 37) % 50);
  for (const std::int64_t size : {1, 2, 7, 64}) {
    const auto method =
        wrapped("block", scripted(Ranking::kBirthScore, 2, 3), {{"block_size", count(size)}});
    Events events(*method, {scores, scores}, 12, 50);
    const Rows held = events.feed(50);
    const Indices best = highest(scores.data(), IndexRange{2, 47}, 7);
    EXPECT_EQ(held[0], merged(merged({0, 1}, best), {47, 48, 49})) << size;
    EXPECT_EQ(held[1], held[0]);
  }
}

TEST(Dms, DecidesOnceWhenAnEntryLeavesTheWindow) {
  const auto method = wrapped("dms", scripted(Ranking::kBirthScore, 1, 2),
                              {{"threshold", 2.0}, {"window", count(3)}});
  EXPECT_EQ(method->plan(4).scope, BudgetScope::kNone);
  Events events(*method, one_head({0, 1, 2, 1, 3, 0, 0}), 4, 7);
  EXPECT_EQ(events.feed(3), (Rows{{0, 1, 2}}));        // nothing is three tokens old
  EXPECT_EQ(events.feed(1), (Rows{{0, 1, 2, 3}}));     // 0 is a sink
  EXPECT_EQ(events.feed(1), (Rows{{0, 2, 3, 4}}));     // 1 < 2 leaves
  EXPECT_EQ(events.feed(2), (Rows{{0, 2, 4, 5, 6}}));  // 2 is not below, 3 leaves
}

TEST(Dms, ActsOnThePromptAloneIfTold) {
  const Given given = {{"threshold", 2.0}, {"decoding", false}};
  EXPECT_EQ(wrapped("dms", scripted(), given)->plan(4).phases, Phases::kPrefill);
}

TEST(Decoding, SetsIntervalPhaseAndTarget) {
  const auto plain = wrapped("decoding", scripted(Ranking::kBirthScore, 2));
  EXPECT_EQ(plain->plan(8).interval, 512);
  EXPECT_EQ(plain->plan(8).phases, Phases::kDecoding);
  EXPECT_EQ(plain->plan(8).ranking, Ranking::kBirthScore);
  const auto target = wrapped("decoding", scripted(Ranking::kBirthScore, 2),
                              {{"compression_interval", count(4)}, {"target_size", count(5)}});
  EXPECT_EQ(target->plan(8).scope, BudgetScope::kNone);
  EXPECT_TRUE(target->plan(8).birth_scores);
  Events events(*target, one_head({0, 0, 1, 2, 3, 4, 5, 6}), 8, 8);
  EXPECT_EQ(events.feed(8), (Rows{{0, 1, 5, 6, 7}}));
}

TEST(PrefillDecoding, ActsByPhase) {
  const auto method = plugin_method(
      "prefill_decoding",
      {{"prefilling", InnerMethod(scripted(Ranking::kSignal, 0, 2))},
       {"decoding", InnerMethod(plugin_method("streaming_llm", {{"n_sink", count(1)}}))}});
  EXPECT_EQ(method->plan(4).sinks, 1);
  EXPECT_EQ(method->plan(4).positions, Positions::kCacheIndex);
  Events events(*method, one_head({5, 0, 4, 9, 0, 0, 6, 7, 8}), 4, 9);
  EXPECT_EQ(events.feed(6), (Rows{{0, 3, 4, 5}}));
  EXPECT_EQ(events.feed(1), (Rows{{0, 3, 5, 6}}));  // by the same table now: 4 is the lowest
  Events streamed(*method, one_head({5, 0, 4, 9, 0, 0, 6, 7, 8}), 4, 9);
  for (int t = 0; t < 4; ++t) streamed.feed(1);
  EXPECT_EQ(streamed.feed(1), (Rows{{0, 2, 3, 4}}));
}

TEST(PerLayer, RemovesItsFractionInEachLayer) {
  const Given given = {{"ratios", std::vector<double>{0, 0.25, 0.8, 0.95}}};
  const auto method = wrapped("per_layer", scripted(), given);
  EXPECT_EQ(method->plan(3).scope, BudgetScope::kNone);
  std::vector<std::size_t> sizes;
  for (std::int64_t layer = 0; layer < 4; ++layer) {
    sizes.push_back(
        Events(*method, one_head(std::vector<float>(20, 0)), 3, 20, layer).feed(20)[0].size());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{20, 15, 3, 1}));  // 20 (1 - 0.8) truncates to 3
}

TEST(Composed, TheSecondActsOnWhatTheFirstLeaves) {
  // The first ranks by the table, of 16 entries it leaves sqrt(16 * 4) = 8, or what it is told;
  // the second keeps the oldest of those.
  struct Oldest final : Method {
    PluginInfo describe() const override { return {}; }
    EvictionPlan plan(std::int64_t) const override { return scripted()->eviction_plan; }
    std::unique_ptr<Policy> make_policy(const PolicyContext&) const override {
      struct OldestPolicy final : Policy {
        at::Tensor score(const HeadView& head) override { return -head.positions(); }
      };
      return std::make_unique<OldestPolicy>();
    }
  };
  std::vector<float> scores(16);
  std::iota(scores.begin(), scores.end(), 0.0F);
  Given given = {{"first", InnerMethod(scripted(Ranking::kSignal))},
                 {"second", InnerMethod(std::make_shared<Oldest>())}};
  EXPECT_EQ(Events(*plugin_method("composed", given), one_head(scores), 4, 16).feed(16),
            (Rows{range(8, 12)}));
  given["first_ratio"] = 0.25;
  EXPECT_EQ(Events(*plugin_method("composed", given), one_head(scores), 4, 16).feed(16),
            (Rows{range(4, 8)}));
}

TEST(Composed, PassesZeroedChannelsOn) {
  auto zeroes = scripted(Ranking::kNone);
  zeroes->eviction_plan.zeroes_channels = true;
  const auto method = plugin_method(
      "composed", {{"first", InnerMethod(scripted())}, {"second", InnerMethod(zeroes)}});
  EXPECT_TRUE(method->plan(2).zeroes_channels);
  EXPECT_EQ(Events(*method, one_head({3, 1, 2}), 2, 3).feed(3), (Rows{{0, 2}}));
  PolicyContext context;
  context.budget_tokens = 2;
  ScriptedHead head;
  head.index = 7;
  EXPECT_EQ(method->make_policy(context)->zeroed_channels(head).item<std::int64_t>(), 7);
}

}  // namespace
}  // namespace pressroom::wrappers_test
