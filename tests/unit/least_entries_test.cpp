// No eviction empties a cache: every method on prompts and budgets of a few tokens.
#include <gtest/gtest.h>

#include <set>

#include "config/config.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "engine/invariants.h"
#include "every_method.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::least_entries_test {
namespace {

constexpr std::int64_t kContinuation = 4;

// As every_method.h, in parameters that leave as little as they can.
constexpr const char* kGreedyMethods[] = {
    "dense",
    "{name: protect, spans: [evidence], inner: knorm}",
    "{name: per_layer, ratios: [0.95, 0.5], inner: knorm}",
    "{name: per_layer, ratios: [0.5, 0.99], inner: {name: h2o, n_sink: 1}}",
    "{name: dms, threshold: 1000, window: 0, inner: knorm}",
    "{name: dms, threshold: 1000, window: 1, inner: keydiff}",
    ("{name: prefill_decoding, prefilling: {name: dms, threshold: 1000, window: 0, inner: knorm}, "
     "decoding: keydiff}"),
    "{name: adakv, alpha_safeguard: 0, inner: keydiff}",
    "{name: kvzip, n_sink: 0}",
    "{name: kvzip, n_sink: 0, layerwise: true}",
    "{name: pyramidkv, window_size: 0, beta: 20, inner: keydiff}",
    "{name: chunkkv, chunk_length: 1, compat: kvpress, inner: knorm}",
    "{name: chunk, chunk_length: 1, inner: knorm}",
    "{name: block, block_size: 1, inner: knorm}",
    "{name: decoding, target_size: 1, compression_interval: 1, inner: knorm}",
    "{name: simlayerkv, lazy_threshold: 0, n_recent: 1, n_initial: 0}",
    "{name: simlayerkv, lazy_threshold: 0, n_recent: 2, n_initial: 0, compat: kvpress}",
    "{name: composed, first: knorm, second: keydiff, first_ratio: 1}",
    "{name: criticalkv, first_stage_ratio: 0, inner: keydiff}",
    "{name: local_strided, local_window: 1, stride: 1}",
    "{name: compactor, sink_size_start: 0, sink_size_end: 0, chunk_size: 1}",
    "{name: lagkv, n_sink: 0, lag_size: 1}",
};

std::vector<const char*> all_methods() {
  std::vector<const char*> all(std::begin(kEveryMethod), std::end(kEveryMethod));
  all.insert(all.end(), std::begin(kGreedyMethods), std::end(kGreedyMethods));
  return all;
}

// Of `heads`, entries held after the step that ends with token `end` - 1.
std::int64_t held(const std::vector<EvictionLog>& heads, std::int64_t end) {
  std::int64_t count = 0;
  for (const EvictionLog& head : heads) {
    for (std::int64_t j = 0; j < end; ++j) count += head.evicted_after[j] > end - 1 ? 1 : 0;
  }
  return count;
}

// Whether some eviction left a KV head empty; where heads share out a budget, a layer.
bool empties_a_cache(const DocumentRun& run, const RunSettings& settings, std::int64_t tokens) {
  const BudgetScope scope = settings.plan.scope;
  const bool by_layer = scope == BudgetScope::kLayer || scope == BudgetScope::kModel;
  for (const FeedStep& step : schedule_of(settings.protocol, settings.plan, tokens).steps) {
    for (const auto& layer : run.evictions) {
      if (by_layer && held(layer, step.end) == 0) return true;
      for (const EvictionLog& head : layer) {
        if (!by_layer && held({head}, step.end) == 0) return true;
      }
    }
  }
  return false;
}

class TinyPrompts : public testing::Test {
 protected:
  // As a campaign or `score` would run it: refused by an Error, or run and checked.
  bool is_run(const char* yaml, const std::string& protocol, std::int64_t prompt,
              std::int64_t budget) {
    const auto method = make_configured_method(
        parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_), host_);
    method->bind({tiny_.model().facts(), "", nullptr});
    const std::int64_t tokens = prompt + kContinuation;
    RunSettings settings;
    settings.plan = checked_plan(*method, budget, yaml);
    settings.budget_tokens = budget;
    settings.positions = settings.plan.positions;
    settings.protocol = parse_protocol(protocol, "the test");
    settings.reading.between = {1, 2, 3};
    check_budget(settings.plan, budget, yaml);
    check_setting(settings.plan, settings.protocol, settings.positions, yaml);
    const TokenDocument document = {"one", random_ids(tokens, TinyShape(), RandomKey(31))};
    const Engine engine = choose_engine("auto", settings.plan, yaml);
    const DocumentRun run =
        run_documents(engine, tiny_.model(), *method, settings, {document}, RunControl()).front();
    check_invariants(run, settings, document);
    EXPECT_FALSE(empties_a_cache(run, settings, tokens));
    return true;
  }

  PluginHost host_{{plugin_dir()}};
  TinyModel tiny_{TinyShape(), RandomKey(30)};
};

TEST_F(TinyPrompts, EveryMethodLeavesSomethingOrIsRefused) {
  int runs = 0;
  int refused = 0;
  for (const char* yaml : all_methods()) {
    for (const std::int64_t prompt : {1, 2, 3, 5, 9}) {
      const std::string prefill = "{kind: prefill, prefill_tokens: " + std::to_string(prompt);
      for (const std::string& protocol :
           {prefill + "}", prefill + ", continuation: hold}", std::string("stream")}) {
        for (const std::int64_t budget : {1, 2, 4, 8}) {
          SCOPED_TRACE(std::string(yaml) + ", " + protocol + ", budget " + std::to_string(budget));
          try {
            runs += is_run(yaml, protocol, prompt, budget) ? 1 : 0;
          } catch (const Error& error) {
            ++refused;
            EXPECT_FALSE(error.problems().front().what.empty());
            EXPECT_FALSE(error.problems().front().fix.empty());
          }
        }
      }
    }
  }
  EXPECT_GT(runs, 1000);
  EXPECT_GT(refused, 100);
}

TEST_F(TinyPrompts, TheTableHasEveryMethodThatNeedsNoFile) {
  std::set<std::string> named;
  for (const char* yaml : all_methods()) {
    named.insert(parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_).name);
  }
  for (const std::string& name : host_.names(PluginKind::kMethod)) {
    bool needs_file = false;
    for (const ParameterSpec& spec : host_.describe(PluginKind::kMethod, name).parameters) {
      needs_file = needs_file || spec.type == ParameterType::kPath;
    }
    EXPECT_TRUE(needs_file || named.count(name) > 0) << name;
  }
}

TEST_F(TinyPrompts, ASizeThatComesToNothingIsRefusedWithItsLayer) {
  const std::string prompt = "{kind: prefill, prefill_tokens: 9}";
  const auto refused = [&](const char* yaml) {
    return problem_of([&] { is_run(yaml, prompt, 9, 9); });
  };
  // trunc(9 * 0.05) and trunc(9 * 0.5): nothing in the first layer, four entries in the second.
  const Problem first = refused("{name: per_layer, ratios: [0.95, 0.5], inner: knorm}");
  EXPECT_TRUE(has(first.what, "a layer would be left with too few entries")) << first.what;
  EXPECT_TRUE(has(first.where, "layer 0")) << first.where;
  EXPECT_TRUE(has(first.expected, "at least 1 entry a KV head")) << first.expected;
  EXPECT_EQ(first.got, "0");
  EXPECT_TRUE(
      has(refused("{name: per_layer, ratios: [0.5, 0.99], inner: knorm}").where, "layer 1"));
  // Two sinks and one entry besides are more than trunc(9 * 0.25) = 2.
  EXPECT_TRUE(has(
      refused("{name: per_layer, ratios: [0.75, 0.75], inner: {name: knorm, n_sink: 2}}").expected,
      "at least 3 entries"));
  EXPECT_TRUE(is_run("{name: per_layer, ratios: [0.8, 0.5], inner: knorm}", prompt, 9, 9));
}

// No prompt is long enough for it: refused before there is one.
TEST_F(TinyPrompts, AShareOfALayerThatLeavesNothingIsRefusedByTheMethodItself) {
  const struct {
    const char* ratios;
    const char* got;  // "" for what is taken
  } cases[] = {{"[1, 0.5]", "1 for layer 0"},
               {"[0.5, 1.0]", "1 for layer 1"},
               {"[0.5, 0.999999]", ""},
               {"[0, 0]", ""}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.ratios);
    const std::string yaml = std::string("{name: per_layer, inner: knorm, ratios: ") + c.ratios;
    const auto make = [&] {
      make_configured_method(parse_plugin_use(yaml + "}", PluginKind::kMethod, "the test", host_),
                             host_);
    };
    if (*c.got == '\0') {
      EXPECT_NO_THROW(make());
      continue;
    }
    const Problem problem = problem_of(make);
    EXPECT_EQ(problem.got, c.got);
    EXPECT_TRUE(has(problem.what, "per_layer would leave a layer empty")) << problem.what;
    EXPECT_TRUE(has(problem.expected, "below 1")) << problem.expected;
  }
}

TEST_F(TinyPrompts, AThresholdThatNothingPassesFailsTheRunWithItsPlace) {
  const char* const all = "{name: dms, threshold: 1000, window: 0, inner: knorm}";
  const Problem prompt =
      problem_of([&] { is_run(all, "{kind: prefill, prefill_tokens: 8}", 8, 8); });
  EXPECT_EQ(prompt.what, "an eviction left a cache empty");
  EXPECT_EQ(prompt.where, "one, layer 0, kv head 0, after token 7");
  EXPECT_TRUE(has(problem_of([&] { is_run(all, "stream", 8, 8); }).where, "after token 0"));
  EXPECT_TRUE(is_run("{name: dms, threshold: 1000, window: 1, inner: knorm}",
                     "{kind: prefill, prefill_tokens: 8}", 8, 8));
}

TEST_F(TinyPrompts, AHeadMayBeOutbidWhereHeadsShareABudgetButALayerIsNotEmptied) {
  const auto run_of = [](std::vector<std::vector<std::int32_t>> first_layer) {
    std::vector<std::vector<EvictionLog>> layers(1);
    for (auto& left : first_layer) {
      layers[0].emplace_back(static_cast<std::int64_t>(left.size()));
      layers[0].back().evicted_after = std::move(left);
    }
    return layers;
  };
  EvictionPlan plan;
  plan.ranking = Ranking::kKeep;
  const Schedule schedule =
      schedule_of(parse_protocol("{kind: prefill, prefill_tokens: 2}", "the test"), plan, 4);
  constexpr std::int32_t kStays = kNeverLeaves;
  const auto outbid = run_of({{1, 1, kStays, kStays}, {kStays, 1, kStays, kStays}});
  const auto emptied = run_of({{1, 1, kStays, kStays}, {1, 1, kStays, kStays}});
  for (const BudgetScope scope :
       {BudgetScope::kHead, BudgetScope::kLayer, BudgetScope::kModel, BudgetScope::kNone}) {
    plan.scope = scope;
    const bool is_shared = scope == BudgetScope::kLayer || scope == BudgetScope::kModel;
    const auto check = [&](const auto& layers) { check_held_on(layers, plan, schedule, "d"); };
    if (is_shared) {
      EXPECT_NO_THROW(check(outbid));
      EXPECT_EQ(problem_of([&] { check(emptied); }).where, "d, layer 0, after token 1");
    } else {
      EXPECT_EQ(problem_of([&] { check(outbid); }).where, "d, layer 0, kv head 0, after token 1");
    }
  }
}

}  // namespace
}  // namespace pressroom::least_entries_test
