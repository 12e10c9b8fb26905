// Constraints of servers as words: what they are called, what they are refused with, and what runs
// under them may be.
#include "protocol/server_constraints.h"

#include "admission/admitted_run.h"
#include "config/plugin_use.h"
#include "config_test_support.h"
#include "engine/eviction/server_checks.h"
#include "engine/invariants.h"
#include "stream_test_support.h"

namespace pressroom::server_constraints_test {
namespace {

using config_test::ConfigFolder;
using config_test::kGood;

constexpr const char* kHold = "{kind: prefill, prefill_tokens: 20, continuation: hold";

TEST(ServerConstraints, StandInTheProtocolsTextWhereTheyAreSet) {
  for (const char* text :
       {"stream", "{kind: chunked, chunk_size: 4}",
        "{kind: prefill, prefill_tokens: 9, continuation: hold}", "{kind: stream, heads: together}",
        "{kind: chunked, chunk_size: 4, evict_in_blocks: 16, append_only: true}",
        "{kind: prefill, prefill_tokens: 9, continuation: hold, evict_in_blocks: 8, heads: "
        "together, append_only: true, keep_prompt: true}"}) {
    EXPECT_EQ(parse_protocol(text, "test").text(), text);
  }
}

TEST(ServerConstraints, AreNotSetByWhatIsUsualAnyway) {
  const Protocol protocol = parse_protocol(
      "{kind: stream, evict_in_blocks: 1, heads: apart, append_only: false, keep_prompt: false}",
      "test");
  EXPECT_EQ(protocol.text(), "stream");
  EXPECT_FALSE(protocol.server.any());
}

TEST(ServerConstraints, OfAMethodTakeThePlaceOfTheProtocols) {
  const Protocol protocol =
      parse_protocol("{kind: stream, evict_in_blocks: 16, heads: together}", "test");
  ConstraintChoice choice;
  EXPECT_EQ(protocol.under(choice).text(), protocol.text());
  choice.evict_in_blocks = 1;
  choice.append_only = true;
  EXPECT_EQ(protocol.under(choice).text(), "{kind: stream, heads: together, append_only: true}");
}

// 0.5 of a prompt of 20, and of a document of 100.
TEST(ServerConstraints, OfAKeptPromptCountAllTokensForEveryMethod) {
  const Protocol free = parse_protocol(std::string(kHold) + "}", "test");
  const Protocol kept = parse_protocol(std::string(kHold) + ", keep_prompt: true}", "test");
  ConstraintChoice freed;
  freed.keep_prompt = false;
  EXPECT_EQ(free.compressed_tokens(100), 20);
  EXPECT_EQ(free.under(freed).compressed_tokens(100), 20);
  EXPECT_EQ(kept.compressed_tokens(100), 100);
  EXPECT_EQ(kept.under(freed).compressed_tokens(100), 100);
  EXPECT_FALSE(kept.under(freed).server.keep_prompt);
}

TEST(ServerConstraints, CutABudgetToWholePages) {
  ServerConstraints server;
  EXPECT_EQ(server.in_whole_pages(102, 1024), 102);
  server.evict_in_blocks = 16;
  struct Case {
    std::int64_t budget, tokens, cut;
  };
  for (const Case& c : {Case{102, 1024, 96},
                        {96, 1024, 96},
                        {1000, 1000, 1000},
                        {999, 1000, 992},
                        {16, 1024, 16},
                        {15, 1024, 15}}) {
    EXPECT_EQ(server.in_whole_pages(c.budget, c.tokens), c.cut) << c.budget;
  }
}

// By hand: pages of 4. Sinks 0 .. 4 lie in 2 pages; the newest entry in 1; 6 newest ones in up to 3
// (1 + 4 + 1), 5 in 2 (1 + 4, or 4 + 1); a prompt of 20 in 5.
TEST(ServerConstraints, TellTheSmallestBudget) {
  struct Case {
    const char* protocol;
    std::int64_t sinks, recents, least;
  };
  const std::string pages = std::string(kHold) + ", keep_prompt: true, evict_in_blocks: 4}";
  const std::string kept = std::string(kHold) + ", keep_prompt: true}";
  for (const Case& c : {Case{"stream", 5, 6, 11},
                        {"stream", 0, 0, 1},
                        {"{kind: stream, evict_in_blocks: 4}", 0, 0, 4},
                        {"{kind: stream, evict_in_blocks: 4}", 5, 0, 12},
                        {"{kind: stream, evict_in_blocks: 4}", 0, 5, 8},
                        {"{kind: stream, evict_in_blocks: 4}", 0, 6, 12},
                        {"{kind: stream, evict_in_blocks: 4}", 5, 6, 20},
                        {kept.c_str(), 4, 2, 22},
                        {pages.c_str(), 4, 0, 24}}) {
    EvictionPlan plan;
    plan.ranking = Ranking::kSignal;
    plan.sinks = c.sinks;
    plan.recents = c.recents;
    const Protocol protocol = parse_protocol(c.protocol, "test");
    EXPECT_EQ(least_entries(plan, protocol), c.least) << c.protocol << ", " << c.sinks;
    if (!protocol.server.any()) continue;
    EXPECT_NO_THROW(check_server_budget(plan, protocol, c.least, "h2o"));
    const Problem problem =
        problem_of([&] { check_server_budget(plan, protocol, c.least - 1, "h2o"); });
    EXPECT_EQ(problem.where, "h2o");
    EXPECT_EQ(problem.expected.find("a budget of at least " + std::to_string(c.least)), 0U);
  }
}

TEST(ServerConstraints, AreRefusedWhereAProtocolHasNothingOfTheKind) {
  struct Case {
    const char* protocol;
    const char* what;
  };
  for (const Case& c :
       {Case{"{kind: window, window: 8, append_only: true}",
             "nothing leaves the cache of a window"},
        {"{kind: stream, keep_prompt: true}", "there is no prompt to keep"},
        {"{kind: chunked, chunk_size: 4, keep_prompt: true}", "there is no prompt to keep"},
        {"{kind: prefill, prefill_tokens: 9, keep_prompt: true}", "there is no prompt to keep"},
        {"{kind: stream, evict_in_blocks: 0}", "\"protocol.evict_in_blocks\" is out of range"},
        {"{kind: stream, heads: shared}", "\"protocol.heads\""}}) {
    const Problem problem = problem_of([&] { parse_protocol(c.protocol, "test"); });
    EXPECT_EQ(problem.what.find(c.what), 0U) << c.protocol << ": " << problem.what;
    EXPECT_EQ(problem.where, "test") << c.protocol;
  }
}

// What each asks of a method, by the word that the message begins with.
TEST(ServerConstraints, AreRefusedWhereAMethodCannotDoIt) {
  const auto refusal = [](const std::string& constraints, Positions positions, auto&& change) {
    EvictionPlan plan;
    plan.ranking = Ranking::kSignal;
    change(plan);
    const Protocol protocol = parse_protocol(kHold + constraints, "test");
    try {
      check_server_setting(plan, protocol, positions, "a method");
    } catch (const Error& error) {
      EXPECT_EQ(error.problems().size(), 1U);
      EXPECT_EQ(error.problems().front().where, "a method");
      return error.problems().front().what;
    }
    return std::string();
  };
  const auto nothing = [](EvictionPlan&) {};
  const auto keeps = [](BudgetScope scope) {
    return [scope](EvictionPlan& plan) {
      plan.ranking = Ranking::kKeep;
      plan.scope = scope;
    };
  };
  const auto begins = [](const std::string& text, const std::string& word) {
    return text.rfind(word + ": ", 0) == 0;
  };
  for (const char* each : {", evict_in_blocks: 4}", ", heads: together}", ", append_only: true}",
                           ", keep_prompt: true}"}) {
    EXPECT_EQ(refusal(each, Positions::kOriginal, nothing), "") << each;
  }
  const Positions original = Positions::kOriginal;
  EXPECT_TRUE(
      begins(refusal(", append_only: true}", Positions::kCacheIndex, nothing), "append_only"));
  EXPECT_EQ(refusal(", heads: together}", Positions::kCacheIndex, nothing), "");
  EXPECT_TRUE(begins(refusal(", append_only: true}", original,
                             [](EvictionPlan& plan) { plan.zeroes_channels = true; }),
                     "append_only"));
  for (const BudgetScope scope : {BudgetScope::kLayer, BudgetScope::kModel}) {
    EXPECT_TRUE(begins(refusal(", heads: together}", original, keeps(scope)), "heads"));
    EXPECT_TRUE(
        begins(refusal(", evict_in_blocks: 4}", original, keeps(scope)), "evict_in_blocks"));
  }
  for (const BudgetScope scope : {BudgetScope::kHead, BudgetScope::kNone}) {
    EXPECT_EQ(refusal(", evict_in_blocks: 4, heads: together}", original, keeps(scope)), "");
  }
  EXPECT_TRUE(
      begins(refusal(", keep_prompt: true}", original, keeps(BudgetScope::kHead)), "keep_prompt"));
  EXPECT_EQ(refusal(", keep_prompt: true}", original, keeps(BudgetScope::kNone)), "");
  EXPECT_TRUE(begins(refusal(", keep_prompt: true}", original,
                             [](EvictionPlan& plan) { plan.phases = Phases::kPrefill; }),
                     "keep_prompt"));
  EXPECT_TRUE(begins(
      refusal(", keep_prompt: true}", original,
              [](EvictionPlan& plan) { plan.needs.reconstruction = Reconstruction::kAttention; }),
      "keep_prompt"));
  // The baseline is under no constraint, as nothing leaves it.
  EXPECT_EQ(refusal(", append_only: true}", Positions::kCacheIndex,
                    [](EvictionPlan& plan) { plan.ranking = Ranking::kNone; }),
            "");
}

// One table with a method under each constraint needs a row for each.
TEST(ServerConstraints, AreReadPerMethodAndMakeItsLabel) {
  const std::string text = replaced(
      kGood, "methods: [streaming_llm, {name: h2o, recent: 0.2}]",
      "methods: [h2o, {name: h2o, evict_in_blocks: 16}, {name: h2o, heads: together, "
      "append_only: true}, {name: h2o, evict_in_blocks: 1, kv_dtype: q8}, {name: h2o, keep_prompt: "
      "true, as: shared}]");
  const CampaignConfig config = ConfigFolder().load(text);
  std::vector<std::string> labels;
  for (const PluginUse& use : config.methods) labels.push_back(use.label);
  EXPECT_EQ(labels,
            (std::vector<std::string>{"dense", "h2o", "h2o_blocks16", "h2o_together_append_only",
                                      "h2o_q8_blocks1", "shared"}));
  EXPECT_EQ(config.methods[2].server.text(), "{evict_in_blocks: 16}");
  EXPECT_EQ(config.methods[3].server.text(), "{heads: together, append_only: true}");
  EXPECT_FALSE(config.methods[1].server.any());
  const std::string frozen = to_yaml(config);
  EXPECT_EQ(to_yaml(ConfigFolder().load(frozen)), frozen);
  EXPECT_EQ(to_yaml(ConfigFolder().load(kGood)).find("evict_in"), std::string::npos);
}

// The budget that a method is planned with is the one that it is held to.
TEST(ServerConstraints, PlanWithABudgetOfWholePages) {
  const auto method = plugin_method("streaming_llm");
  RunTerms terms;
  terms.name = terms.where = "streaming_llm";
  terms.context_tokens = 100;
  terms.settings.budget_tokens = 50;
  terms.settings.protocol = parse_protocol("{kind: stream, evict_in_blocks: 16}", "test");
  plan_run(*method, Positions::kOriginal, terms);
  EXPECT_EQ(terms.settings.budget_tokens, 48);
  EXPECT_FALSE(refusal_of(terms).has_value());
  terms.settings.budget_tokens = 20;  // 16, of which the sinks take a page and the newest another
  plan_run(*method, Positions::kOriginal, terms);
  const std::optional<Refusal> refusal = refusal_of(terms);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->reason, Refusal::Reason::kBudget);
  EXPECT_NE(refusal->problems.front().expected.find("at least 32 entries"), std::string::npos);
}

// What the checks of every run find where an engine breaks a constraint.
TEST(ServerConstraints, AreCheckedInEveryRun) {
  std::vector<std::vector<EvictionLog>> evictions(1, {EvictionLog(8), EvictionLog(8)});
  const auto violation = [&](const std::string& protocol) {
    try {
      check_leaving_together(evictions, parse_protocol(protocol, "test"), "doc");
    } catch (const Error& error) {
      return error.problems().front().what;
    }
    return std::string();
  };
  const std::string prompt =
      "{kind: prefill, prefill_tokens: 2, continuation: hold, keep_prompt: true}";
  for (EvictionLog& head : evictions[0]) {
    head.leaves(2, 5, 0);
    head.leaves(3, 5, 0);
  }
  EXPECT_EQ(violation("{kind: stream, evict_in_blocks: 2, heads: together}"), "");
  EXPECT_EQ(violation(prompt), "");
  EXPECT_NE(violation("{kind: stream, evict_in_blocks: 4}").find("I13 pages leave whole"),
            std::string::npos);
  evictions[0][1].leaves(1, 6, 0);
  EXPECT_NE(violation("{kind: stream, heads: together}").find("I13 heads hold the same"),
            std::string::npos);
  EXPECT_NE(violation(prompt).find("I13 the prompt is kept"), std::string::npos);
  EXPECT_EQ(violation("stream"), "");
}

}  // namespace
}  // namespace pressroom::server_constraints_test
