// What the method protect keeps of scores that a test writes down, what it refuses, and that both
// engines drop the same around methods that rank in each way.
#include <gtest/gtest.h>

#include <numeric>

#include "engine_comparison.h"
#include "wrapper_test_support.h"

namespace pressroom::protect_test {
namespace {

using Names = std::vector<std::string>;
using SpanList = std::vector<SpanTokens>;

const SpanList& document_spans() {
  static const SpanList spans = {
      {"instruction", 0, 2, -1}, {"evidence", 5, 7, 0}, {"evidence", 6, 9, 1}, {"empty", 4, 4, -1}};
  return spans;
}

std::unique_ptr<Method> protect(const Names& names, InnerMethod inner) {
  return wrapped("protect", std::move(inner), {{"spans", names}});
}

// Positions held after `tokens` came in one block.
Rows held(const Names& names, InnerMethod inner, const Table& scores, std::int64_t budget,
          const SpanList& spans = document_spans()) {
  const auto method = protect(names, std::move(inner));
  const auto tokens = static_cast<std::int64_t>(scores.front().size());
  return Events(*method, scores, budget, tokens, 0, 4, spans).feed(tokens);
}

TEST(Protect, KeepsNamedSpansAndTheHighestOfTheRest) {
  const Table rising = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
  const Table falling = {{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
  const Table equal = {std::vector<float>(12, 1)};
  const struct {
    const char* what;
    Names names;
    std::int64_t sinks, recents, budget;
    const Table& scores;
    std::vector<std::int64_t> kept;
  } cases[] = {
      {"two spans of one name overlap", {"evidence"}, 0, 0, 6, rising, {5, 6, 7, 8, 10, 11}},
      {"the highest of the rest are old", {"evidence"}, 0, 0, 6, falling, {0, 1, 5, 6, 7, 8}},
      {"the newer of equals stays", {"evidence"}, 0, 0, 5, equal, {5, 6, 7, 8, 11}},
      {"two names", {"instruction", "evidence"}, 0, 0, 7, rising, {0, 1, 5, 6, 7, 8, 11}},
      {"spans alone", {"evidence"}, 0, 0, 4, rising, {5, 6, 7, 8}},
      {"what the inner method protects",
       {"evidence"},
       1,
       2,
       8,
       falling,
       {0, 1, 5, 6, 7, 8, 10, 11}},
      {"a span with a sink in it", {"instruction"}, 1, 0, 3, rising, {0, 1, 11}},
      {"a span of no token", {"empty"}, 0, 0, 2, rising, {10, 11}},
      {"room for all", {"evidence"}, 0, 0, 12, rising, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
  };
  for (const auto& c : cases) {
    for (const Ranking ranking : {Ranking::kBirthScore, Ranking::kSignal, Ranking::kScore}) {
      SCOPED_TRACE(c.what);
      EXPECT_EQ(held(c.names, scripted(ranking, c.sinks, c.recents), c.scores, c.budget),
                (Rows{c.kept}));
    }
  }
}

TEST(Protect, HeadsKeepTheirOwnRest) {
  const Table scores = {{9, 8, 0, 0, 0, 0, 0, 0}, {0, 0, 9, 8, 0, 0, 0, 0}};
  const SpanList spans = {{"evidence", 5, 6, 0}};
  const Rows expected = {{0, 1, 5}, {2, 3, 5}};
  EXPECT_EQ(held({"evidence"}, scripted(), scores, 3, spans), expected);
  const auto coupled = scripted();
  coupled->eviction_plan.couples_heads = true;
  EXPECT_EQ(held({"evidence"}, coupled, scores, 3, spans), expected);
}

TEST(Protect, KeepsASpanFromItsFirstTokenOnWhileADocumentIsStreamed) {
  const auto method = protect({"evidence"}, scripted(Ranking::kSignal));
  Events events(*method, {{5, 6, 0, 0, 7, 8}}, 3, 6, 0, 4, {{"evidence", 2, 4, 0}});
  EXPECT_EQ(events.feed(3), (Rows{{0, 1, 2}}));
  EXPECT_EQ(events.feed(1), (Rows{{1, 2, 3}}));
  EXPECT_EQ(events.feed(1), (Rows{{2, 3, 4}}));
  EXPECT_EQ(events.feed(1), (Rows{{2, 3, 5}}));
}

TEST(Protect, RefusesWhatCannotBeKept) {
  const Table scores = {std::vector<float>(12, 0)};
  const auto refused = [&](const Names& names, std::int64_t recents, std::int64_t budget,
                           const SpanList& spans = document_spans()) {
    return problem_of(
        [&] { held(names, scripted(Ranking::kScore, 0, recents), scores, budget, spans); });
  };
  const Problem none = problem_of([] { protect({}, scripted()); });
  EXPECT_TRUE(has(none.what, "nothing to protect"));
  const Problem unknown = refused({"evidence", "evidences"}, 0, 6);
  EXPECT_TRUE(has(unknown.what, "no span of this name"));
  EXPECT_EQ(unknown.got, "\"evidences\"");
  EXPECT_EQ(unknown.expected, "of empty, evidence, instruction");
  EXPECT_TRUE(has(refused({"evidence"}, 0, 6, {}).expected, "a document that names spans"));
  const Problem large = refused({"evidence"}, 0, 3);
  EXPECT_TRUE(has(large.what, "larger than the budget"));
  EXPECT_EQ(large.got, "4");
  EXPECT_TRUE(has(large.where, "layer 0, KV head 0"));
  EXPECT_EQ(refused({"evidence"}, 2, 5).got, "6");  // with the newest two
}

TEST(Protect, RefusesInnerMethodsThatDoNotRank) {
  const auto what = [](InnerMethod inner) {
    const auto method = protect({"evidence"}, std::move(inner));
    return problem_of([&] { method->plan(8); }).what;
  };
  EXPECT_TRUE(has(what(scripted(Ranking::kNone)), "ranks nothing"));
  EXPECT_TRUE(has(what(scripted(Ranking::kKeep)), "decides by itself"));
  EXPECT_TRUE(has(what(wrapped("adakv", scripted())), "decides by itself"));
  EXPECT_TRUE(has(what(protect({"evidence"}, scripted())), "decides by itself"));
}

TEST(Protect, PassesOnWhatTheInnerMethodNeeds) {
  const auto inner = scripted(Ranking::kBirthScore, 2);
  inner->eviction_plan.needs.query_window = 7;
  inner->eviction_plan.positions = Positions::kCacheIndex;
  const EvictionPlan plan = protect({"evidence"}, inner)->plan(8);
  EXPECT_EQ(plan.needs.query_window, 7);
  EXPECT_EQ(plan.sinks, 2);
  EXPECT_EQ(plan.positions, Positions::kCacheIndex);
  EXPECT_TRUE(plan.birth_scores);
  EXPECT_EQ(plan.ranking, Ranking::kKeep);
  EXPECT_EQ(plan.scope, BudgetScope::kHead);
}

// The spans' tokens are held by every head at the end, by either engine.
TEST(Protect, KeepsSpansThroughAWholeModelByEitherEngine) {
  const TinyModel tiny(TinyShape(), RandomKey(7));
  TokenDocument document = {"document", random_ids(40, TinyShape(), RandomKey(31))};
  document.spans = {{"evidence", 7, 12, 0}, {"other", 20, 22, -1}};
  for (const char* name : {"knorm", "h2o", "tova", "keydiff", "snapkv"}) {
    SCOPED_TRACE(name);
    Given given;
    if (std::string(name) == "snapkv") given = {{"window_size", std::int64_t{4}}};
    const auto method = protect({"evidence"}, plugin_method(name, given));
    const RunSettings settings = settings_of(*method, 12);
    std::vector<DocumentRun> runs;
    for (const Engine engine : {Engine::kDecode, Engine::kReplay}) {
      runs.push_back(
          run_documents(engine, tiny.model(), *method, settings, {document}, RunControl()).front());
      for (const auto& layer : runs.back().kept) {
        for (const std::vector<std::int64_t>& head : layer) {
          EXPECT_EQ(head.size(), 12U);
          for (std::int64_t position = 7; position < 12; ++position) {
            EXPECT_EQ(std::count(head.begin(), head.end(), position), 1) << position;
          }
        }
      }
    }
    if (!expect_same_departures(runs[1], runs[0])) continue;
    EXPECT_LE(largest_difference(runs[0].nll_nats, runs[1].nll_nats), 1e-4);
  }
}

}  // namespace
}  // namespace pressroom::protect_test
