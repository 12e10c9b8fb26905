// What methods around methods refuse, pass on, and how they fare with next to nothing to keep.
#include <gtest/gtest.h>

#include <functional>

#include "wrapper_test_support.h"

namespace pressroom::wrapper_plans_test {
namespace {

std::int64_t count(std::int64_t value) { return value; }

// The wrappers with one inner method, and what they must be given.
const std::map<std::string, Given>& wrappers() {
  static const std::map<std::string, Given> all = {
      {"adakv", {}},
      {"criticalkv", {}},
      {"pyramidkv", {}},
      {"chunk", {{"chunk_length", count(3)}}},
      {"chunkkv", {{"chunk_length", count(3)}}},
      {"block", {{"block_size", count(2)}}},
      {"dms", {{"threshold", 0.5}, {"window", count(2)}}},
      {"decoding", {{"target_size", count(3)}}},
      {"per_layer", {{"ratios", std::vector<double>{0.5, 0.5, 0.5, 0.5}}}},
      {"rerotate", {}}};
  return all;
}

InnerMethod with(Ranking ranking, const std::function<void(EvictionPlan&)>& change) {
  auto method = scripted(ranking);
  change(method->eviction_plan);
  return method;
}

TEST(WrapperPlans, RefuseInnerMethodsThatMakeNoSense) {
  const auto wide = [](EvictionPlan& plan) { plan.share = Share::kModel; };
  const auto layers = [](EvictionPlan& plan) { plan.couples_layers = true; };
  const auto prefill = [](EvictionPlan& plan) { plan.phases = Phases::kPrefill; };
  const auto zeroes = [](EvictionPlan& plan) { plan.zeroes_channels = true; };
  const struct {
    std::vector<std::string> names;
    InnerMethod inner;
    const char* what;
  } cases[] = {
      {{"adakv", "criticalkv", "pyramidkv", "chunk", "chunkkv", "block", "dms", "per_layer"},
       scripted(Ranking::kNone),
       "ranks nothing"},
      {{"decoding", "rerotate"}, scripted(Ranking::kNone), "evicts nothing"},
      {{"adakv", "criticalkv", "pyramidkv", "chunk", "chunkkv", "block", "dms", "per_layer"},
       scripted(Ranking::kKeep),
       "decides by itself"},
      {{"dms"}, wrapped("dms", scripted(), {{"threshold", 1.0}}), "decides by itself"},
      {{"adakv", "chunk", "rerotate"}, with(Ranking::kScore, zeroes), "channels"},
      {{"adakv"}, with(Ranking::kScore, wide), "hold the same entries"},
      {{"pyramidkv", "per_layer"}, with(Ranking::kScore, wide), "budgets of their own"},
      {{"chunk", "block", "pyramidkv", "per_layer"}, with(Ranking::kScore, layers), "layer"},
      {{"decoding"}, with(Ranking::kScore, prefill), "nothing after the prompt"},
  };
  for (const auto& each : cases) {
    for (const std::string& name : each.names) {
      const auto method = wrapped(name, each.inner, wrappers().at(name));
      const Problem problem = problem_of([&] { method->plan(8); });
      EXPECT_TRUE(has(problem.what, each.what)) << name << ": " << problem.what;
      EXPECT_FALSE(problem.fix.empty());
    }
  }
  const InnerMethod rerotated = wrapped("rerotate", scripted());
  EXPECT_TRUE(has(problem_of([&] { wrapped("rerotate", rerotated); }).what, "around rerotate"));
}

TEST(WrapperPlans, PassOnWhatTheInnerMethodNeeds) {
  const InnerMethod inner = with(Ranking::kBirthScore, [](EvictionPlan& plan) {
    plan.needs.query_window = 7;
    plan.sinks = 2;
    plan.positions = Positions::kCacheIndex;
  });
  for (const auto& [name, given] : wrappers()) {
    const EvictionPlan plan = wrapped(name, inner, given)->plan(8);
    EXPECT_EQ(plan.needs.query_window, 7) << name;
    EXPECT_EQ(plan.sinks, 2) << name;
    EXPECT_EQ(plan.positions, Positions::kCacheIndex) << name;
    EXPECT_TRUE(plan.birth_scores || plan.ranking == Ranking::kBirthScore) << name;
  }
  EXPECT_TRUE(wrapped("criticalkv", inner)->plan(8).needs.output_projection);
}

TEST(WrapperPlans, TinyCachesAreKeptWhole) {
  for (const auto& [name, given] : wrappers()) {
    const auto method = wrapped(name, scripted(Ranking::kScore, 1, 2), given);
    if (method->plan(4).ranking != Ranking::kKeep) continue;
    Events events(*method, {{1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, 8}}, 4, 8);
    for (std::size_t tokens = 1; tokens <= 3; ++tokens) {
      for (const auto& head : events.feed(1)) EXPECT_EQ(head.size(), tokens) << name;
    }
  }
}

TEST(WrapperPlans, StayWithinTheBudgetAtEveryStep) {
  std::vector<float> a(120), b(120);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<float>((i * 53) % 97);
    b[i] = static_cast<float>((i * 31) % 89);
  }
  for (const char* name : {"adakv", "chunk", "chunkkv", "block"}) {
    for (const std::int64_t chunk : {1, 5, 40}) {
      const auto method = wrapped(name, scripted(Ranking::kSignal, 2, 3), wrappers().at(name));
      const EvictionPlan plan = method->plan(10);
      Events events(*method, {a, b}, 10, 120);
      for (std::int64_t t = 0; t < 120; t += chunk) {
        std::size_t held = 0;
        for (const auto& head : events.feed(chunk)) {
          held += head.size();
          if (plan.scope == BudgetScope::kHead) {
            EXPECT_LE(head.size(), 10U) << name;
          }
        }
        EXPECT_LE(held, 20U) << name;
      }
    }
  }
}

TEST(WrapperPlans, TwoMethodsMustGetAlong) {
  const auto both = [](const char* name, const char* a, InnerMethod first, const char* b,
                       InnerMethod second) {
    const auto method = plugin_method(name, {{a, std::move(first)}, {b, std::move(second)}});
    return problem_of([&] { method->plan(8); }).what;
  };
  const auto composed = [&](InnerMethod first, InnerMethod second) {
    return both("composed", "first", std::move(first), "second", std::move(second));
  };
  const auto by_phase = [&](InnerMethod first, InnerMethod second) {
    return both("prefill_decoding", "prefilling", std::move(first), "decoding", std::move(second));
  };
  const auto birth = [] { return scripted(Ranking::kBirthScore); };
  const auto mean =
      with(Ranking::kSignal, [](EvictionPlan& plan) { plan.signal = Signal::kMeanAttention; });
  EXPECT_TRUE(has(composed(birth(), birth()), "birth scores"));
  EXPECT_TRUE(has(by_phase(birth(), birth()), "birth scores"));
  EXPECT_TRUE(has(composed(scripted(Ranking::kSignal), mean), "different signals"));
  EXPECT_TRUE(has(composed(scripted(Ranking::kKeep), birth()), "decides by itself"));
  EXPECT_TRUE(has(composed(scripted(Ranking::kNone), birth()), "does nothing"));
  EXPECT_TRUE(has(by_phase(scripted(Ranking::kNone), scripted(Ranking::kNone)), "neither"));
  EXPECT_TRUE(has(by_phase(wrapped("decoding", birth()), scripted()), "when it does not"));
  EXPECT_TRUE(has(by_phase(scripted(Ranking::kKeep), scripted(Ranking::kScore, 4)), "sinks"));
}

TEST(WrapperPlans, PrefillDecodingTakesPhasesAndIntervalFromItsParts) {
  const auto plan = [](InnerMethod prefilling, InnerMethod decoding) {
    return plugin_method("prefill_decoding",
                         {{"prefilling", std::move(prefilling)}, {"decoding", std::move(decoding)}})
        ->plan(8);
  };
  const InnerMethod decoding =
      wrapped("decoding", scripted(Ranking::kBirthScore), {{"compression_interval", count(16)}});
  EXPECT_EQ(plan(scripted(), decoding).phases, Phases::kAll);
  EXPECT_EQ(plan(scripted(), decoding).interval, 16);
  EXPECT_EQ(plan(scripted(Ranking::kNone), decoding).phases, Phases::kDecoding);
  EXPECT_EQ(plan(scripted(), scripted(Ranking::kNone)).phases, Phases::kPrefill);
}

TEST(WrapperPlans, NumbersThatDoNotFitAreRefused) {
  const auto method =
      wrapped("per_layer", scripted(Ranking::kScore, 4), wrappers().at("per_layer"));
  ModelFacts model;
  model.layers = 3;
  EXPECT_TRUE(has(problem_of([&] { method->bind({model, "", nullptr}); }).what, "ratios"));
  PolicyContext context;
  context.model.layers = 4;
  context.context_tokens = 6;
  EXPECT_EQ(problem_of([&] { method->make_policy(context); }).got, "3");
}

}  // namespace
}  // namespace pressroom::wrapper_plans_test
