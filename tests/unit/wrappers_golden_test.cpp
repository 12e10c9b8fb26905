// Methods around methods against the figures of the reference, for inputs in closed form. Of its
// entries `decoding_ratio` has no counterpart: there a number of tokens is looked for as a fraction
// that truncates to it; here the number itself is the parameter.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "../../plugins/methods/pyramidkv/pyramid_budgets.h"
#include "fake_layer_view.h"
#include "pressroom/rope.h"
#include "wrapper_test_support.h"

namespace pressroom::wrappers_golden_test {
namespace {

std::int64_t count(std::int64_t value) { return value; }

InnerMethod inner(const std::string& name, const Given& given = {}) {
  return golden_method(name, given);
}

InnerMethod snapkv(std::int64_t window = 4) {
  return inner("snapkv", {{"window_size", window}, {"kernel_size", count(3)}});
}

// Positions of the golden bits that are not "1".
KeptRows unmasked(const std::string& name) {
  KeptRows kept;
  for (const std::string& bits : golden(name).get<std::vector<std::string>>()) {
    kept.emplace_back();
    for (std::size_t t = 0; t < bits.size(); ++t) {
      if (bits[t] == '0') kept.back().push_back(static_cast<std::int64_t>(t));
    }
  }
  return kept;
}

KeptRows sorted(const std::string& name) {
  auto rows = golden(name).get<KeptRows>();
  for (auto& row : rows) std::sort(row.begin(), row.end());
  return rows;
}

TEST(WrapperGoldens, AdaKvMasksWhatTheReferenceMasks) {
  EXPECT_EQ(golden_kept(*wrapped("adakv", snapkv()), 8),
            unmasked("adakv_snapkv_w4_k3_r0.5_maskedbits"));
  EXPECT_EQ(golden_kept(*wrapped("adakv", inner("keydiff")), 4),
            unmasked("adakv_keydiff_r0.75_maskedbits"));
}

TEST(WrapperGoldens, CriticalKvGivesTheScoresOfTheReference) {
  const ScoreRows scores = golden_scores(*wrapped("criticalkv", snapkv()), 8, 16, /*padded=*/false);
  const auto expected = golden("critical_snapkv_w4_k3_r0.5").get<ScoreRows>();
  for (std::size_t h = 0; h < expected.size(); ++h) {
    for (std::size_t t = 0; t < 12; ++t) {
      EXPECT_NEAR(scores[h][t], expected[h][t], 2e-6) << h << ", " << t;
    }
    for (std::size_t t = 12; t < 16; ++t) EXPECT_GT(scores[h][t], 1e38);  // the window
  }
}

TEST(WrapperGoldens, CriticalKvWeighsByTheNormOfTheProjectedValue) {
  // Inner scores of 0 and epsilon 1 leave the weight alone.
  struct Zero final : Method {
    PluginInfo describe() const override { return {}; }
    EvictionPlan plan(std::int64_t) const override {
      EvictionPlan plan;
      plan.ranking = Ranking::kScore;
      return plan;
    }
    std::unique_ptr<Policy> make_policy(const PolicyContext&) const override {
      struct ZeroPolicy final : Policy {
        at::Tensor score(const HeadView& head) override { return at::zeros({head.size()}); }
      };
      return std::make_unique<ZeroPolicy>();
    }
  };
  const auto method = wrapped("criticalkv", std::make_shared<Zero>(),
                              {{"epsilon", 1.0}, {"first_stage_ratio", 0.0}});
  EXPECT_LT(distance(golden_scores(*method), golden("critical_vwl1norm")), 1e-6);
}

TEST(WrapperGoldens, ChunksKeepWhatTheReferenceKeeps) {
  const Given length = {{"chunk_length", count(5)}};
  EXPECT_EQ(golden_kept(*wrapped("chunk", inner("knorm"), length), 8),
            sorted("kept_chunk_knorm_r0.5_len5"));
  EXPECT_EQ(golden_kept(*wrapped("block", inner("keydiff"), {{"block_size", count(3)}}), 8),
            sorted("kept_block_keydiff_r0.5_b3"));
  Given as_kvpress = length;
  as_kvpress["compat"] = std::string("kvpress");
  const KeptRows whole = sorted("kept_chunkkv_snapkv_w4_k3_r0.5_len5");
  EXPECT_EQ(golden_kept(*wrapped("chunkkv", snapkv(), as_kvpress), 8), whole);
  const KeptRows full = golden_kept(*wrapped("chunkkv", snapkv(), length), 8);
  for (std::size_t h = 0; h < full.size(); ++h) {
    EXPECT_EQ(full[h].size(), 8U);  // two tokens of the next chunk fill the budget
    EXPECT_TRUE(without(whole[h], full[h]).empty());
  }
}

TEST(WrapperGoldens, RerotateGivesTheKeysOfTheReference) {
  const auto method = wrapped("rerotate", inner("knorm"));
  EXPECT_EQ(method->plan(4).positions, Positions::kCacheIndex);
  const KeptRows kept = golden_kept(*method, 4);
  const auto expected = golden("rerotated_keys_knorm_r0.75").get<ScoreRows>();
  const LayerInputs inputs = layer_inputs();
  for (std::size_t h = 0; h < kept.size(); ++h) {
    const at::Tensor raw =
        inputs.keys_before_rope[static_cast<std::int64_t>(h)].index_select(0, to_tensor(kept[h]));
    const at::Tensor keys =
        rotated(raw.to(at::kFloat), at::arange(4, at::kLong), golden_model()).flatten();
    for (std::int64_t i = 0; i < keys.numel(); ++i) {
      EXPECT_NEAR(keys[i].item<double>(), expected[h][static_cast<std::size_t>(i)], 2e-6);
    }
  }
}

TEST(WrapperGoldens, PyramidBudgetsAreThoseOfTheReference) {
  const struct {
    std::int64_t context;
    double ratio;
    const char* name;
  } cases[] = {{4096, 0.5, "pyramid_budgets_T4096_r0.5_L32"},
               {4096, 0.25, "pyramid_budgets_T4096_r0.25_L32"},
               {4096, 0.875, "pyramid_budgets_T4096_r0.875_L32"},
               {2787, 0.6, "pyramid_budgets_T2787_r0.6_L32"},
               {256, 0.5, "pyramid_budgets_T256_r0.5_L32"}};
  for (const auto& each : cases) {
    const double kept = static_cast<double>(each.context) * (1 - each.ratio);
    const auto budgets = pyramid_budgets(each.context, kept, 32, 20, 64);
    EXPECT_EQ(budgets, golden(each.name).get<std::vector<std::int64_t>>()) << each.name;
    const auto total = 32 * static_cast<std::int64_t>(kept);
    const auto trimmed = within(budgets, total);
    EXPECT_LE(std::accumulate(trimmed.begin(), trimmed.end(), std::int64_t{0}), total);
    for (std::size_t l = 0; l < budgets.size(); ++l) EXPECT_LE(budgets[l] - trimmed[l], 1);
  }
}

// The scores are KVzap's; tokens come in blocks as in the reference run.
TEST(WrapperGoldens, DmsMasksWhatTheReferenceMasks) {
  const struct {
    const char* scores;
    double threshold;
    const char* masked;
    const char* ratio;
  } cases[] = {
      {"kvzap_linear_layer1", 0.8, "dms_kvzap_linear_thr0.8_w4_masked", "dms_kvzap_linear_ratio"},
      {"kvzap_mlp_h3_layer1", 1.2, "dms_kvzap_mlp_h3_thr1.2_w4_masked", "dms_kvzap_mlp_h3_ratio"}};
  for (const auto& each : cases) {
    for (const Ranking ranking : {Ranking::kBirthScore, Ranking::kScore}) {
      const auto method =
          wrapped("dms", scripted(ranking), {{"threshold", each.threshold}, {"window", count(4)}});
      Events events(*method, golden(each.scores).get<Table>(), 8, 16);
      Rows held;
      for (const std::int64_t tokens : {10, 3, 1, 1, 1}) held = events.feed(tokens);
      EXPECT_EQ(held, unmasked(each.masked)) << each.masked;
      const double gone = 32.0 - static_cast<double>(held[0].size() + held[1].size());
      EXPECT_DOUBLE_EQ(gone / 32, golden(each.ratio).get<double>());
    }
  }
}

}  // namespace
}  // namespace pressroom::wrappers_golden_test
