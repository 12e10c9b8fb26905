// What each protocol feeds, evicts after and scores, by hand (spec of the protocols:
// docs/protocol.md).
#include "protocol/protocol.h"

#include <gtest/gtest.h>

#include "config/config.h"
#include "pressroom/error.h"

namespace pressroom::protocol_test {
namespace {

struct Step {
  std::int64_t begin, end;
  bool evicts;
  bool operator==(const Step& other) const {
    return begin == other.begin && end == other.end && evicts == other.evicts;
  }
};

std::vector<Step> steps_of(const Schedule& schedule) {
  std::vector<Step> steps;
  for (const FeedStep& step : schedule.steps) steps.push_back({step.begin, step.end, step.evicts});
  return steps;
}

EvictionPlan evicting(std::int64_t interval = 1) {
  EvictionPlan plan;
  plan.ranking = Ranking::kSignal;
  plan.interval = interval;
  return plan;
}

Protocol protocol(const std::string& yaml) { return parse_protocol(yaml, "test"); }

TEST(Protocol, FeedsEvictsAndScoresAsDefined) {
  struct Case {
    std::string yaml;
    std::int64_t interval, tokens;
    std::vector<Step> steps;
    std::size_t blocks;
    std::int64_t first_target;
  };
  const std::vector<Case> cases = {
      {"stream", 1, 3, {{0, 1, true}, {1, 2, true}, {2, 3, true}}, 0, 1},
      {"stream", 2, 3, {{0, 1, false}, {1, 2, true}, {2, 3, false}}, 0, 1},
      {"{kind: chunked, chunk_size: 3}", 1, 7, {{0, 3, true}, {3, 6, true}, {6, 7, true}}, 3, 1},
      // A chunk that passes a multiple of the interval is followed by an event.
      {"{kind: chunked, chunk_size: 3}", 4, 9, {{0, 3, false}, {3, 6, true}, {6, 9, true}}, 3, 1},
      {"{kind: chunked, chunk_size: 1}", 1, 2, {{0, 1, true}, {1, 2, true}}, 0, 1},
      {"{kind: prefill, prefill_tokens: 4}",
       1,
       6,
       {{0, 4, true}, {4, 5, false}, {5, 6, false}},
       1,
       5},
      // The one compression takes place whatever the interval.
      {"{kind: prefill, prefill_tokens: 4, continuation: hold}",
       5,
       7,
       {{0, 4, true}, {4, 5, true}, {5, 6, false}, {6, 7, false}},
       1,
       5},
      {"{kind: window, window: 8}", 1, 5, {{0, 5, false}}, 1, 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.yaml);
    const Schedule schedule = schedule_of(protocol(c.yaml), evicting(c.interval), c.tokens);
    EXPECT_EQ(steps_of(schedule), c.steps);
    EXPECT_EQ(schedule.blocks, c.blocks);
    EXPECT_EQ(schedule.first_target, c.first_target);
    const Schedule dense = schedule_of(protocol(c.yaml), EvictionPlan(), c.tokens);
    for (const FeedStep& step : dense.steps) EXPECT_FALSE(step.evicts);
  }
}

TEST(Protocol, CountsTheTargetsOfWindows) {
  struct Case {
    std::int64_t window, stride, tokens, targets;
  };
  // Strided: all but the first token. Disjoint: all but the first of each window.
  const std::vector<Case> cases = {{1024, 512, 10000, 9999}, {512, 512, 59202, 59086},
                                   {1024, 1024, 1024, 1023}, {1024, 1, 1030, 1029},
                                   {10, 10, 21, 18},         {10, 9, 100, 99}};
  for (const Case& c : cases) {
    Protocol strided;
    strided.kind = ProtocolKind::kWindow;
    strided.window = c.window;
    strided.stride = c.stride;
    std::int64_t targets = 0;
    std::int64_t last = 0;
    for (const ScoredWindow& window : windows_of(strided, c.tokens)) {
      EXPECT_GT(window.first_target, window.begin);
      EXPECT_GE(window.first_target, last);
      EXPECT_LE(window.end - window.begin, c.window);
      targets += window.end - window.first_target;
      last = window.end;
    }
    EXPECT_EQ(targets, c.targets) << c.window << " by " << c.stride;
    EXPECT_EQ(last, c.tokens == 21 ? 20 : c.tokens);
  }
}

TEST(Protocol, KnowsWhetherAnEvictionIsSeen) {
  struct Case {
    std::string yaml;
    std::int64_t budget, tokens;
    bool seen;
  };
  const std::vector<Case> cases = {
      {"{kind: chunked, chunk_size: 4}", 3, 6, true},
      {"{kind: chunked, chunk_size: 4}", 4, 6, false},  // the first chunk fits, the second is last
      {"{kind: chunked, chunk_size: 4}", 3, 5, false},  // token 4 misses nothing it predicts from
      {"{kind: chunked, chunk_size: 6}", 2, 6, false},  // one chunk is dense
      {"{kind: prefill, prefill_tokens: 8}", 4, 10, true},
      {"{kind: prefill, prefill_tokens: 8}", 8, 20, false},
      {"{kind: prefill, prefill_tokens: 8, continuation: hold}", 8, 20, true},
      {"{kind: window, window: 4}", 1, 100, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(eviction_is_seen(protocol(c.yaml), evicting(), c.budget, c.tokens), c.seen)
        << c.yaml << ", budget " << c.budget << ", tokens " << c.tokens;
  }
}

// By the steps themselves: some step evicts, ends beyond what is held, and a later token whose
// successor is scored was not part of it.
bool is_seen_step_by_step(const Protocol& protocol, const EvictionPlan& plan, std::int64_t budget,
                          std::int64_t tokens) {
  const std::int64_t held = plan.scope == BudgetScope::kNone ? 0 : budget;
  for (const FeedStep& step : schedule_of(protocol, plan, tokens).steps) {
    if (step.evicts && step.end > held && step.end <= tokens - 2) return true;
  }
  return false;
}

TEST(Protocol, KnowsWhetherAnEvictionIsSeenAsIfItWentThroughTheSteps) {
  int seen = 0;
  int compared = 0;
  for (const char* yaml :
       {"stream", "{kind: chunked, chunk_size: 1}", "{kind: chunked, chunk_size: 5}",
        "{kind: chunked, chunk_size: 12}", "{kind: prefill, prefill_tokens: 7}",
        "{kind: prefill, prefill_tokens: 7, continuation: hold}"}) {
    const Protocol how = protocol(yaml);
    for (const std::int64_t interval : {1, 2, 5, 7, 30}) {
      for (const Phases phases : {Phases::kAll, Phases::kPrefill, Phases::kDecoding}) {
        for (const BudgetScope scope : {BudgetScope::kHead, BudgetScope::kNone}) {
          EvictionPlan plan = evicting();
          plan.interval = interval;
          plan.phases = phases;
          plan.scope = scope;
          for (std::int64_t tokens = how.least_tokens(); tokens < 40; ++tokens) {
            for (std::int64_t budget = 0; budget <= tokens; ++budget, ++compared) {
              const bool expected = is_seen_step_by_step(how, plan, budget, tokens);
              seen += expected ? 1 : 0;
              ASSERT_EQ(eviction_is_seen(how, plan, budget, tokens), expected)
                  << yaml << ", interval " << interval << ", budget " << budget << ", tokens "
                  << tokens;
            }
          }
        }
      }
    }
  }
  EXPECT_GT(seen, 1000);
  EXPECT_GT(compared - seen, 1000);
}

// Written out, the steps of such a document take 24 TB.
TEST(Protocol, KnowsWhetherAnEvictionIsSeenOfADocumentOfAnyLength) {
  constexpr std::int64_t kTokens = 1'000'000'000'000;
  EXPECT_TRUE(eviction_is_seen(protocol("stream"), evicting(), kTokens - 3, kTokens));
  EXPECT_FALSE(eviction_is_seen(protocol("stream"), evicting(), kTokens - 2, kTokens));
}

TEST(Protocol, ReadsBackWhatItWrites) {
  for (const char* yaml : {"stream", "{kind: chunked, chunk_size: 16}",
                           "{kind: prefill, prefill_tokens: 320, continuation: hold}",
                           "{kind: prefill, prefill_tokens: 320, continuation: grow}",
                           "{kind: window, window: 1024, stride: 512}"}) {
    EXPECT_EQ(protocol(yaml).text(), yaml);
  }
  EXPECT_EQ(protocol("{kind: stream}").text(), "stream");
  EXPECT_EQ(protocol("{kind: prefill, prefill_tokens: 9}").text(),
            "{kind: prefill, prefill_tokens: 9, continuation: grow}");
  EXPECT_EQ(protocol("{kind: window, window: 8}").stride, 8);
}

TEST(Protocol, SparsityIsOfThePromptUnderPrefill) {
  EXPECT_EQ(protocol("{kind: prefill, prefill_tokens: 320}").compressed_tokens(416), 320);
  EXPECT_EQ(protocol("{kind: chunked, chunk_size: 16}").compressed_tokens(416), 416);
}

TEST(Protocol, RefusesWhatMakesNoSense) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"strem", "\"protocol.kind\""},
      {"chunked", "chunked needs \"chunk_size\""},
      {"{kind: stream, chunk_size: 4}", "stream has no \"chunk_size\""},
      {"{kind: chunked, chunk_size: 0}", "\"protocol.chunk_size\" is out of range"},
      {"{kind: prefill}", "prefill needs \"prefill_tokens\""},
      {"{kind: prefill, prefill_tokens: 8, continuation: shrink}", "\"protocol.continuation\""},
      {"{kind: window, window: 8, stride: 9}", "\"protocol.stride\" is larger than the window"},
      {"{kind: chunked, chunk_size: 4, context: 8}", "one document has no \"context\""},
      {"{kind: chunked, chunksize: 4}", "unknown key \"chunksize\""},
      {"[stream]", "the protocol cannot be understood"}};
  for (const auto& [yaml, what] : cases) {
    try {
      protocol(yaml);
      ADD_FAILURE() << yaml << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.problems().size(), 1U) << error.what();
      EXPECT_EQ(error.problems().front().what.substr(0, what.size()), what) << yaml;
    }
  }
}

}  // namespace
}  // namespace pressroom::protocol_test
