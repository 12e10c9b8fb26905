// Where two runs part, of evictions that a test writes down.
#include "engine/parting.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "campaign/score.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::parting_test {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// For each position that leaves: the token after which it does, and its score.
using Left = std::map<std::int64_t, std::pair<std::int32_t, float>>;

// Of 10 tokens, fed 4 at once and then one by one. `layers` [layer][kv_head].
DocumentRun run_of(const std::vector<std::vector<Left>>& layers) {
  DocumentRun run;
  run.tokens_per_step = {4, 1, 1, 1, 1, 1, 1};
  for (const auto& heads : layers) {
    auto& layer = run.evictions.emplace_back();
    for (const Left& head : heads) {
      layer.emplace_back(10);
      for (const auto& [position, left] : head) {
        layer.back().leaves(position, left.first, left.second);
      }
    }
  }
  return run;
}

std::string text_of(const DocumentRun& a, const DocumentRun& b) {
  return text(*first_parting(a, b), "replay", "decode");
}

TEST(Parting, IsNothingWhereAllEntriesLeftAlike) {
  const DocumentRun a = run_of({{{{1, {5, 0.25F}}}}});
  const DocumentRun b = run_of({{{{1, {5, 0.26F}}}}});
  EXPECT_FALSE(first_parting(a, b));
}

TEST(Parting, IsAtTheEarliestStepAndThereAtTheLowestLayerAndHead) {
  const Left early = {{0, {5, 1}}};
  const Left early_other = {{1, {5, 1}}};
  const Left late = {{2, {8, 1}}};
  const Left late_other = {{3, {8, 1}}};
  // Layer 0 parts after token 8, layers 1 and 2 after token 5, layer 1 in its second head.
  const DocumentRun a = run_of({{late, {}}, {early, early}, {early, early}});
  const DocumentRun b = run_of({{late_other, {}}, {early, early_other}, {early_other, early}});
  const auto parting = first_parting(a, b);
  ASSERT_TRUE(parting);
  EXPECT_EQ(parting->layer, 1);
  EXPECT_EQ(parting->head, 1);
  EXPECT_EQ(parting->token, 5);
  EXPECT_EQ(parting->step, 2);  // tokens 0-3 are step 0
  ASSERT_EQ(parting->entries.size(), 2U);
  EXPECT_EQ(parting->entries[0].position, 0);
  EXPECT_TRUE(parting->entries[0].left_in_first);
  EXPECT_EQ(parting->entries[1].position, 1);
  EXPECT_FALSE(parting->entries[1].left_in_first);
}

TEST(Parting, NamesTheEntriesOfAllHeadsOfALayerThatSharesABudget) {
  const DocumentRun a = run_of({{{{1, {5, 0.5F}}}, {}}});
  const DocumentRun b = run_of({{{}, {{2, {5, 0.5F}}}}});
  const auto parting = first_parting(a, b);
  ASSERT_TRUE(parting);
  EXPECT_EQ(parting->head, 0);
  ASSERT_EQ(parting->entries.size(), 2U);
  EXPECT_EQ(parting->entries[1].head, 1);
  EXPECT_TRUE(parting->is_tie);
  EXPECT_EQ(text_of(a, b),
            "they part at layer 0, kv head 0, step 2, after token 5\n"
            "  leaves in replay alone: kv head 0, position 1, score 0.5\n"
            "  leaves in decode alone: kv head 1, position 2, score 0.5\n"
            "  a tie: the scores are 0 apart, which is rounding\n");
}

TEST(Parting, IsATieWhereScoresAreNoFurtherApartThanRounding) {
  const auto is_tie = [](const Left& a, const Left& b) {
    return first_parting(run_of({{a}}), run_of({{b}}))->is_tie;
  };
  EXPECT_TRUE(is_tie({{1, {5, 0.5F}}}, {{2, {5, std::nextafter(0.5F, 1.0F)}}}));
  EXPECT_FALSE(is_tie({{1, {5, 0.5F}}}, {{2, {5, 0.51F}}}));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(is_tie({{1, {5, -kInfinity}}}, {{2, {5, -kInfinity}}}));
  EXPECT_FALSE(is_tie({{1, {5, -kInfinity}}}, {{2, {5, 0}}}));
  // Of two near zero, what scores that both runs saw tells how far rounding goes.
  const Left a = {{0, {4, 0.9F}}, {1, {5, 1e-6F}}};
  EXPECT_TRUE(is_tie(a, {{0, {4, 0.9F + 1e-6F}}, {2, {5, 2e-6F}}}));
  EXPECT_FALSE(is_tie(a, {{0, {4, 0.9F}}, {2, {5, 2e-6F}}}));
}

TEST(Parting, IsATieWhereEachOfTwoHeadsHasOne) {
  const float above = std::nextafter(0.5F, 1.0F);
  const DocumentRun a = run_of({{{{1, {5, 0.5F}}}, {{1, {5, 50}}}}});
  EXPECT_TRUE(first_parting(a, run_of({{{{2, {5, above}}}, {{2, {5, 50}}}}}))->is_tie);
  EXPECT_FALSE(first_parting(a, run_of({{{{2, {5, above}}}, {{2, {5, 51}}}}}))->is_tie);
  EXPECT_FALSE(first_parting(a, run_of({{{{2, {5, 0.6F}}}, {{2, {5, 50}}}}}))->is_tie);
}

TEST(Parting, IsNoTieWhereOneRunEvictsMore) {
  const DocumentRun a = run_of({{{{1, {5, 0.5F}}, {2, {5, 0.5F}}}}});
  const DocumentRun b = run_of({{{{1, {5, 0.5F}}}}});
  EXPECT_FALSE(first_parting(a, b)->is_tie);
  EXPECT_NE(text_of(a, b).find("more entries leave on one engine"), std::string::npos);
}

TEST(Parting, SaysWhenTheMethodChoseByNoScore) {
  const DocumentRun a = run_of({{{{1, {5, kNone}}}}});
  const DocumentRun b = run_of({{{{2, {5, kNone}}}}});
  EXPECT_FALSE(first_parting(a, b)->is_tie);
  EXPECT_EQ(text_of(a, b),
            "they part at layer 0, kv head 0, step 2, after token 5\n"
            "  leaves in replay alone: kv head 0, position 1\n"
            "  leaves in decode alone: kv head 0, position 2\n"
            "  the method chose by no score, so a tie cannot be told\n");
}

TEST(Parting, NamesAFewOfManyEntries) {
  Left a;
  Left b;
  for (std::int64_t j = 0; j < 5; ++j) a[j] = b[j + 5] = {9, 1};
  const auto parting = first_parting(run_of({{a}}), run_of({{b}}));
  const std::string all = text(*parting, "replay", "decode", 2);
  EXPECT_NE(all.find("  and 3 more in replay\n"), std::string::npos) << all;
  EXPECT_NE(all.find("  and 3 more in decode\n"), std::string::npos) << all;
}

TEST(Parting, HasScoresOfWrappersThatDecideByTheirInnerMethods) {
  const TinyModel tiny(TinyShape(), RandomKey(61));
  const TokenDocument document = {"one", random_ids(40, TinyShape(), RandomKey(62))};
  PluginHost host({plugin_dir()});
  for (const char* yaml :
       {"{name: adakv, inner: keydiff}", "{name: adakv, inner: {name: criticalkv, inner: knorm}}",
        "{name: dms, threshold: -0.5, window: 4, inner: keydiff}",
        "{name: per_layer, ratios: [0.5, 0.75], inner: h2o}",
        "{name: pyramidkv, window_size: 1, beta: 4, inner: keydiff}",
        "{name: prefill_decoding, prefilling: knorm, decoding: keydiff}"}) {
    const auto method =
        make_configured_method(parse_plugin_use(yaml, PluginKind::kMethod, "the test", host), host);
    const RunSettings settings = settings_of(*method, 10);
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      const DocumentRun run =
          run_documents(engine, tiny.model(), *method, settings, {document}, RunControl()).front();
      std::size_t left = 0;
      for (const auto& layer : run.evictions) {
        for (const EvictionLog& head : layer) {
          for (std::size_t j = 0; j < head.evicted_after.size(); ++j) {
            if (head.evicted_after[j] == kNeverLeaves) continue;
            ++left;
            EXPECT_FALSE(std::isnan(head.score[j])) << yaml << ", " << to_string(engine);
          }
        }
      }
      EXPECT_GT(left, 0U) << yaml;
    }
  }
}

TEST(Parting, IsInTheJsonOfBothEnginesAndNullWhereThereIsNone) {
  ScoreResult result;
  result.run = run_of({{{{1, {5, 0.5F}}}, {}}});
  result.decoded = run_of({{{}, {{2, {5, kNone}}}}});
  for (DocumentRun* run : {&result.run, &*result.decoded}) {
    run->targets = {9};
    run->nll_nats = {1};
  }
  EXPECT_TRUE(to_json(result).at("replay_against_decode").at("first_parting").is_null());
  result.parting = first_parting(result.run, *result.decoded);
  EXPECT_EQ(to_json(result).at("replay_against_decode").at("first_parting"),
            nlohmann::ordered_json::parse(
                R"({"layer": 0, "kv_head": 0, "step": 2, "token": 5, "is_tie": false, "entries": [
                    {"kv_head": 0, "position": 1, "left_in": "replay", "score": 0.5},
                    {"kv_head": 1, "position": 2, "left_in": "decode", "score": null}]})"));
}

}  // namespace
}  // namespace pressroom::parting_test
