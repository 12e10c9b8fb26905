// Eviction traces: what they say of a run, and how far two agree.
#include "trace/trace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "stream_test_support.h"
#include "trace/trace_json.h"
#include "trace_test_support.h"

namespace pressroom::trace_test {
namespace {

TEST(Trace, TellsWhoWasHeldAfterEachStep) {
  const Trace trace = small_trace();
  const std::vector<Indices> held = {{0}, {0, 1}, {0, 2}, {0, 2, 3}, {2, 4}};
  for (std::int64_t step = 0; step < 5; ++step) EXPECT_EQ(trace.kept(0, 0, step), held[step]);
  // The same evictions when tokens 0 .. 2 and 3, 4 were blocks.
  Trace blocks = trace;
  blocks.tokens_per_step = {3, 2};
  EXPECT_EQ(blocks.kept(0, 0, 0), held[2]);
  EXPECT_EQ(blocks.kept(0, 0, 1), held[4]);
}

TEST(Trace, SumsUpWhatLeftALayer) {
  Trace trace = small_trace();
  trace.evictions[0].push_back(head_of(5, {{2, 2, 0}}));
  trace.evictions.push_back({EvictionLog(5), EvictionLog(5)});
  EXPECT_EQ(evictions_of_layer(trace, 0).entries, 4);
  EXPECT_EQ(evictions_of_layer(trace, 0).mean_age_tokens, (1 + 1 + 4 + 0) / 4.0);
  EXPECT_EQ(evictions_of_layer(trace, 1).entries, 0);
  EXPECT_TRUE(std::isnan(evictions_of_layer(trace, 1).mean_age_tokens));
}

TEST(Trace, WritesPositionsAsRanges) {
  EXPECT_EQ(ranges_text(ranges_of({})), "none");
  EXPECT_EQ(ranges_text(ranges_of({7})), "7");
  EXPECT_EQ(ranges_text(ranges_of({0, 1, 2, 3, 7, 9, 10})), "0-3, 7, 9-10");
}

TEST(Trace, JsonHasRangesAndOnRequestDepartures) {
  const Trace trace = small_trace();
  TraceSelection selection = {2, 0, 1, 0, 1, false};
  nlohmann::ordered_json json = to_json(trace, selection);
  EXPECT_EQ(json["tokens_fed"], 3);
  EXPECT_EQ(json["layers"].dump(), R"([{"layer":0,"left":3,"mean_age_tokens":2.0,)"
                                   R"("heads":[{"head":0,"held":2,"ranges":[[0,0],[2,2]]}]}])");
  selection.evictions = true;
  json = to_json(trace, selection)["layers"][0]["heads"][0];
  EXPECT_EQ(json["left_after"].dump(), "[4,2,null,4,null]");
  EXPECT_EQ(json["score"].dump(), "[0.5,1.0,null,1.0,null]");
}

// Held by a: 0, 01, 02, 023, 24. Held by b, which loses 0 at once and 2 after token 3: nothing, 1,
// 12, 13, 134.
TEST(TraceAgreement, IsJaccardOfWhatIsHeldAfterEachStep) {
  const Trace a = small_trace();
  const Trace b = trace_with({1, 1, 1, 1, 1}, {{head_of(5, {{0, 0, 0}, {2, 3, 0}})}});
  const std::vector<double> expected = {0, 1 / 2.0, 1 / 3.0, 1 / 4.0, 1 / 4.0};
  const TraceAgreement agreement = compare_traces(a, b);
  EXPECT_EQ(agreement.tokens_fed, (Indices{1, 2, 3, 4, 5}));
  ASSERT_EQ(agreement.jaccard[0].size(), 5U);
  for (std::size_t s = 0; s < 5; ++s) EXPECT_DOUBLE_EQ(agreement.jaccard[0][s], expected[s]) << s;
  EXPECT_DOUBLE_EQ(agreement.mean(0), (1 / 2.0 + 1 / 3.0 + 1 / 4.0 + 1 / 4.0) / 5);
}

TEST(TraceAgreement, IsAMeanOverHeadsAndThenLayers) {
  const EvictionLog all(2);
  const EvictionLog first_left = head_of(2, {{0, 1, 0}});  // {0}, {1}
  const EvictionLog nothing = head_of(2, {{0, 0, 0}, {1, 1, 0}});
  const Trace a = trace_with({1, 1}, {{all, all}, {nothing, all}});
  const Trace b = trace_with({1, 1}, {{all, first_left}, {nothing, nothing}});
  const TraceAgreement agreement = compare_traces(a, b);
  EXPECT_EQ(agreement.jaccard, (std::vector<std::vector<double>>{{1, 0.75}, {0.5, 0.5}}));
  EXPECT_EQ(agreement.mean(), (0.875 + 0.5) / 2);
}

TEST(TraceAgreement, LooksWhereBothRunsWereAtAStepsEnd) {
  Trace chunked = small_trace();
  chunked.tokens_per_step = {3, 2};
  const TraceAgreement agreement = compare_traces(small_trace(), chunked);
  EXPECT_EQ(agreement.tokens_fed, (Indices{3, 5}));
  EXPECT_EQ(agreement.jaccard[0], (std::vector<double>{1, 1}));
}

TEST(TraceAgreement, RefusesOtherDocumentsAndShapes) {
  const Trace trace = small_trace();
  const auto what = [&](const Trace& other) {
    return problem_of([&] { compare_traces(trace, other); }).what;
  };
  Trace other = trace;
  other.header.ids_sha256 = "abce";
  EXPECT_EQ(what(other), "traces with different token ids cannot be compared");
  other = trace_with({1, 1, 1, 1, 1}, {{EvictionLog(5)}, {EvictionLog(5)}});
  EXPECT_EQ(what(other), "traces with different numbers of layers cannot be compared");
  other = trace_with({1, 1, 1, 1, 1}, {{EvictionLog(5), EvictionLog(5)}});
  EXPECT_EQ(what(other), "traces with different numbers of KV heads cannot be compared");
  other = trace_with({4}, {{EvictionLog(4)}});
  EXPECT_EQ(what(other), "traces with different numbers of tokens cannot be compared");
}

}  // namespace
}  // namespace pressroom::trace_test
