#include "admission/admitted_run.h"

#include <gtest/gtest.h>

#include "stream_test_support.h"

namespace pressroom::admitted_run_test {
namespace {

constexpr std::int64_t kTokens = 40;

RunTerms terms_of(const Method& method, std::int64_t budget_tokens) {
  RunTerms terms;
  terms.name = "h2o";
  terms.where = "h2o on a text";
  terms.context_tokens = kTokens;
  terms.settings.budget_tokens = budget_tokens;
  plan_run(method, {}, terms);
  return terms;
}

TEST(AdmittedRun, PlansWithTheMethodsPositionsUnlessToldOtherwise) {
  const auto method = plugin_method("streaming_llm");
  RunTerms terms = terms_of(*method, 16);
  EXPECT_EQ(terms.settings.positions, Positions::kCacheIndex);
  EXPECT_EQ(terms.settings.plan.sinks, 4);
  plan_run(*method, Positions::kOriginal, terms);
  EXPECT_EQ(terms.settings.positions, Positions::kOriginal);
}

TEST(AdmittedRun, AsksForABudgetOnlyWhereTheMethodTakesOne) {
  RunTerms terms;
  terms.name = "any";
  terms.context_tokens = kTokens;
  const auto unasked = []() -> std::int64_t { throw Error({"asked", "", "", "", ""}); };
  plan_run(*plugin_method("dense"), {}, unasked, terms);
  EXPECT_EQ(terms.settings.budget_tokens, kTokens);
  const auto h2o = plugin_method("h2o", {{"recent", tokens(6)}});
  EXPECT_THROW(plan_run(*h2o, {}, unasked, terms), Error);
  plan_run(
      *h2o, {}, [] { return 16; }, terms);
  EXPECT_EQ(terms.settings.budget_tokens, 16);
  EXPECT_EQ(terms.settings.plan.recents, terms_of(*h2o, 16).settings.plan.recents);
}

// Each reason for itself, and the first of several.
TEST(AdmittedRun, SaysWhyARunMayNotBegin) {
  const auto method = plugin_method("h2o", {{"recent", tokens(6)}});
  EXPECT_FALSE(refusal_of(terms_of(*method, 16)).has_value());

  const std::optional<Refusal> small = refusal_of(terms_of(*method, 5));
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->reason, Refusal::Reason::kBudget);
  EXPECT_EQ(small->problems.front().where, "h2o on a text");

  // Every token is fed before the last one is scored: 39 entries are never exceeded.
  const std::optional<Refusal> inert = refusal_of(terms_of(*method, kTokens - 1));
  ASSERT_TRUE(inert.has_value());
  EXPECT_EQ(inert->reason, Refusal::Reason::kRepeatsDense);
  EXPECT_FALSE(refusal_of(terms_of(*method, kTokens)).has_value()) << "that is dense, and may be";

  const auto kvzip = plugin_method("kvzip");
  const std::optional<Refusal> streamed = refusal_of(terms_of(*kvzip, 16));
  ASSERT_TRUE(streamed.has_value());
  EXPECT_EQ(streamed->reason, Refusal::Reason::kSetting);
}

TEST(AdmittedRun, HoldsToTheModelsPositions) {
  const auto method = plugin_method("h2o", {{"recent", tokens(6)}});
  ModelFacts facts;
  facts.max_positions = 39;
  const RunTerms terms = terms_of(*method, 16);
  EXPECT_THROW(AdmittedRun(*method, terms, {facts, false, "--beyond"}), Error);
  EXPECT_TRUE(AdmittedRun(*method, terms, {facts, true, ""}).is_beyond_training());
  facts.max_positions = 40;
  EXPECT_FALSE(AdmittedRun(*method, terms, {facts, false, ""}).is_beyond_training());
}

}  // namespace
}  // namespace pressroom::admitted_run_test
