// kvzip, fastkvzip and simlayerkv: methods that decide by themselves what stays.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "fake_layer_view.h"
#include "pressroom/error.h"
#include "stream_test_support.h"
#include "tiny_model.h"

namespace pressroom::kvpress_keepers_test {
namespace {

using Place = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // layer, head, index

std::vector<at::Tensor> kept_in(const Method& method, const PolicyContext& context,
                                std::int64_t tokens) {
  return method.make_policy(context)->keep_layer(FakeLayer(method.plan(8), tokens));
}

// What kvzip holds in all layers, each deciding for itself.
std::set<Place> held(const Method& method, PolicyContext context, std::int64_t tokens) {
  std::set<Place> places;
  for (context.layer = 0; context.layer < context.model.layers; ++context.layer) {
    const std::vector<at::Tensor> kept = kept_in(method, context, tokens);
    for (std::int64_t head = 0; head < 2; ++head) {
      for (std::int64_t i = 0; i < kept.at(head).numel(); ++i) {
        places.emplace(context.layer, head, kept[head][i].item<std::int64_t>());
      }
    }
  }
  return places;
}

// [L,G,P]
PolicyContext with_reconstruction(std::int64_t budget_tokens, std::int64_t prompt) {
  PolicyContext context = golden_context(budget_tokens, prompt);
  context.reconstruction = wave(8, prompt, .91, .37).view({4, 2, prompt}).to(at::kFloat);
  return context;
}

// The sinks of all heads, and the best of the rest: over the layers [first, end) together.
std::set<Place> best_of(const PolicyContext& context, std::int64_t first, std::int64_t end,
                        std::int64_t sinks) {
  std::vector<std::pair<float, Place>> ranked;
  std::set<Place> places;
  const std::int64_t prompt = context.reconstruction.size(2);
  for (std::int64_t layer = first; layer < end; ++layer) {
    for (std::int64_t head = 0; head < 2; ++head) {
      for (std::int64_t p = 0; p < prompt; ++p) {
        const Place place{layer, head, p};
        const auto score = context.reconstruction[layer][head][p].item<float>();
        if (p < sinks) places.insert(place);
        if (p >= sinks) ranked.emplace_back(score, place);
      }
    }
  }
  std::sort(ranked.rbegin(), ranked.rend());
  ranked.resize((end - first) * 2 * (context.budget_tokens - sinks));
  for (const auto& [score, place] : ranked) places.insert(place);
  return places;
}

}  // namespace

TEST(KvZip, SharesOneBudgetAmongAllLayersByDefault) {
  const auto method = golden_method("kvzip", {{"n_sink", 2L}});
  const PolicyContext context = with_reconstruction(5, 16);
  const std::set<Place> kept = held(*method, context, 16);
  EXPECT_EQ(kept, best_of(context, 0, 4, 2));
  EXPECT_EQ(kept.size(), 4U * 2 * 5);
}

TEST(KvZip, SharesABudgetInsideEachLayerWhereTold) {
  const auto method = golden_method("kvzip", {{"n_sink", 2L}, {"layerwise", true}});
  const PolicyContext context = with_reconstruction(5, 16);
  std::set<Place> expected;
  for (std::int64_t layer = 0; layer < 4; ++layer) {
    expected.merge(best_of(context, layer, layer + 1, 2));
  }
  EXPECT_EQ(held(*method, context, 16), expected);
}

TEST(KvZip, OfEqualScoresTheNewerStays) {
  const auto method = golden_method("kvzip", {{"n_sink", 1L}});
  PolicyContext context = with_reconstruction(3, 16);
  context.reconstruction.zero_();
  for (const at::Tensor& kept : kept_in(*method, context, 16)) {
    EXPECT_TRUE(kept.equal(at::tensor({0L, 14L, 15L}, at::kLong)));
  }
}

TEST(KvZip, KeepsWhatCameAfterThePromptAndPromptsOfAnySize) {
  for (std::int64_t prompt = 1; prompt <= 16; ++prompt) {
    const auto method = golden_method("kvzip");
    for (const at::Tensor& kept : kept_in(*method, with_reconstruction(4, prompt), 16)) {
      EXPECT_GE(kept.numel(), std::min<std::int64_t>(prompt, 4) + 16 - prompt);
      EXPECT_EQ(kept[-1].item<std::int64_t>() == 15, prompt < 16);
    }
  }
}

TEST(KvZip, AsksForTheSecondReadingItIsToldTo) {
  const EvictionPlan plain = golden_method("kvzip")->plan(8);
  const EvictionPlan plus = golden_method("kvzip", {{"kvzip_plus_normalization", true}})->plan(8);
  EXPECT_EQ(plain.needs.reconstruction, Reconstruction::kAttention);
  EXPECT_EQ(plus.needs.reconstruction, Reconstruction::kContribution);
  EXPECT_EQ(plain.needs.reconstruction_prompt, "\n\nRepeat the previous context exactly.");
}

class FastKvZipTest : public testing::Test {
 protected:
  FastKvZipTest() { write("gate.safetensors", golden_gates()); }

  // The gates of section "fastkvzip_gate" in every layer.
  static std::map<std::string, at::Tensor> golden_gates() {
    std::map<std::string, at::Tensor> tensors;
    for (int layer = 0; layer < 4; ++layer) {
      const std::string prefix = "layers." + std::to_string(layer) + ".";
      tensors[prefix + "q_proj.weight"] = wave(16, 6, .27, .19);
      tensors[prefix + "q_proj.bias"] = wave(1, 16, .21, .03)[0];
      tensors[prefix + "k_proj.weight"] = wave(8, 6, .33, .23);
      tensors[prefix + "q_norm.weight"] = at::ones({4});
      tensors[prefix + "k_norm.weight"] = at::ones({4});
      tensors[prefix + "k_base"] = at::stack({wave(3, 4, .5, .2), wave(3, 4, .6, .2)}).unsqueeze(1);
      tensors[prefix + "b"] = wave(2, 2, .4, .1).unsqueeze(1);
    }
    return tensors;
  }

  void write(const std::string& name, const std::map<std::string, at::Tensor>& tensors) {
    TinyWeights weights;
    for (const auto& [tensor, value] : tensors) {
      const at::Tensor flat = value.to(at::kFloat).contiguous();
      const float* first = flat.data_ptr<float>();
      weights[tensor] = {value.sizes().vec(), {first, first + flat.numel()}};
    }
    write_file(folder_.path() / name, safetensors_bytes(weights, "F32"));
  }

  std::unique_ptr<Method> method(std::map<std::string, ParameterValue> given = {}) const {
    given.emplace("weights", (folder_.path() / "gate.safetensors").string());
    return golden_method("fastkvzip", given);
  }

  ScratchFolder folder_;
};

TEST_F(FastKvZipTest, GivesTheReferencesScores) {
  const auto fast = method();
  const auto policy = fast->make_policy(golden_context(8));
  const at::Tensor all = policy->birth_scores(FakeEntries(fast->plan(8), 0, 16)).to(at::kDouble);
  ScoreRows rows;
  for (std::int64_t head = 0; head < 2; ++head) {
    const at::Tensor row = all[head].contiguous();
    rows.emplace_back(row.data_ptr<double>(), row.data_ptr<double>() + 16);
  }
  EXPECT_LT(distance(rows, golden("fastkvzip_gate")), 1e-6);
  const at::Tensor apart = at::cat({policy->birth_scores(FakeEntries(fast->plan(8), 0, 7)),
                                    policy->birth_scores(FakeEntries(fast->plan(8), 7, 9))},
                                   1);
  EXPECT_LT((apart - all).abs().max().item<double>(), 1e-6);
}

TEST_F(FastKvZipTest, SharesTheLayersBudgetByTheGateAndKeepsBothEnds) {
  const auto scores = golden("fastkvzip_gate").get<ScoreRows>();
  for (const double ratio : {0.02, 0.2}) {
    const std::int64_t window = ratio == 0.2 ? 3 : 1;
    const KeptRows kept = golden_kept(*method({{"n_sink", 2L}, {"window_ratio", ratio}}), 7);
    std::vector<std::tuple<double, std::int64_t, std::int64_t>> ranked;
    KeptRows expected(2);
    for (std::int64_t head = 0; head < 2; ++head) {
      for (std::int64_t i = 0; i < 16; ++i) {
        const bool safe = i < 2 || i >= 16 - window;
        if (safe) expected[head].push_back(i);
        if (!safe) ranked.emplace_back(scores[head][i], head, i);
      }
    }
    std::sort(ranked.rbegin(), ranked.rend());
    ranked.resize(2 * (7 - 2 - window));
    for (const auto& [score, head, i] : ranked) expected[head].push_back(i);
    for (auto& row : expected) std::sort(row.begin(), row.end());
    EXPECT_EQ(kept, expected) << ratio;
  }
}

// trunc(0.02 * 16) = 0: the reference of the time then took the whole context for its window.
TEST_F(FastKvZipTest, CompatTakesAWindowOfNothingForEverything) {
  const KeptRows kept =
      golden_kept(*method({{"n_sink", 1L}, {"compat", std::string("kvpress")}}), 3);
  EXPECT_EQ(kept, KeptRows(2, {0, 14, 15}));
}

TEST_F(FastKvZipTest, KeepsCachesOfAnySize) {
  const auto fast = method({{"n_sink", 2L}});
  for (std::int64_t tokens = 1; tokens <= 16; ++tokens) {
    std::size_t together = 0;
    for (const auto& row : golden_kept(*fast, 4, tokens)) together += row.size();
    EXPECT_EQ(together, 2U * std::min<std::int64_t>(tokens, 4));
  }
}

TEST_F(FastKvZipTest, RefusesGatesOfAnotherModelAndRegionsThatDoNotFit) {
  auto tensors = golden_gates();
  tensors.erase("layers.3.k_base");
  write("missing.safetensors", tensors);
  tensors = golden_gates();
  tensors["layers.2.q_proj.weight"] = wave(16, 5, .27, .19);
  write("narrow.safetensors", tensors);
  const auto problem = [&](const std::string& file) {
    const std::string path = (folder_.path() / file).string();
    return problem_of([&] { method({{"weights", path}}); });
  };
  EXPECT_TRUE(has(problem("missing.safetensors").text(), "layers.3.k_base"));
  EXPECT_TRUE(has(problem("narrow.safetensors").text(), "layers.2.q_proj.weight"));
  const auto wide = method({{"window_ratio", 0.5}});
  const Problem full = problem_of([&] { wide->make_policy(golden_context(8)); });
  EXPECT_TRUE(has(full.text(), "4 + 8 = 12")) << full.text();
}

class SimLayerKvTest : public testing::Test {
 protected:
  static constexpr std::int64_t kInitial = 2;
  static constexpr std::int64_t kRecent = 5;

  // The mean over heads and the last `n_last` queries of what falls on both ends of the entries
  // before them.
  static double at_the_ends(std::int64_t n_last) {
    const at::Tensor weights =
        layer_inputs().attention.narrow(1, 16 - n_last, n_last).mean(1).mean(0);
    return (weights.narrow(0, 0, kInitial).sum() +
            weights.narrow(0, 16 - n_last - kRecent, kRecent).sum())
        .item<double>();
  }

  static KeptRows kept(double threshold, std::int64_t n_last, const std::string& compat = "none",
                       std::int64_t tokens = 16) {
    return golden_kept(*golden_method("simlayerkv", {{"lazy_threshold", threshold},
                                                     {"n_last", n_last},
                                                     {"n_recent", kRecent},
                                                     {"n_initial", kInitial},
                                                     {"compat", compat}}),
                       8, tokens);
  }
};

TEST_F(SimLayerKvTest, ALayerIsLazyAboveTheThreshold) {
  for (const std::int64_t n_last : {1, 3}) {
    const double share = at_the_ends(n_last);
    ASSERT_LT(share, 0.999);
    EXPECT_EQ(kept(share - 1e-4, n_last), KeptRows(2, {0, 1, 11, 12, 13, 14, 15}));
    EXPECT_EQ(kept(share + 1e-4, n_last).front().size(), 16U);
  }
  EXPECT_EQ(kept(1, 1).front().size(), 16U);
}

TEST_F(SimLayerKvTest, CompatKeepsAsManyFewerAsItLookedAt) {
  EXPECT_EQ(kept(0, 3, "kvpress"), KeptRows(2, {0, 1, 14, 15}));
  const Problem problem = problem_of([] { kept(0, 5, "kvpress"); });
  EXPECT_TRUE(has(problem.text(), "n_recent 5, n_last 5")) << problem.text();
}

TEST_F(SimLayerKvTest, ShortCachesStayWhole) {
  for (std::int64_t tokens = 1; tokens <= 8; ++tokens) {
    EXPECT_EQ(kept(0, 1, "none", tokens).front().size(), static_cast<std::size_t>(tokens));
  }
  EXPECT_EQ(kept(0, 1, "none", 9).front().size(), 7U);
}

}  // namespace pressroom::kvpress_keepers_test
