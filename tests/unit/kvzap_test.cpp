#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "fake_layer_view.h"
#include "pressroom/error.h"
#include "pressroom/vocabulary.h"
#include "stream_test_support.h"
#include "tiny_model.h"

namespace pressroom::kvzap_test {
namespace {

using Json = nlohmann::json;

TinyTensor tiny_tensor(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kFloat).contiguous();
  return {values.sizes().vec(),
          std::vector<float>(values.data_ptr<float>(), values.data_ptr<float>() + values.numel())};
}

// What tests/goldens/kvpress_scores.json was made with: for layer i, W = wave(2,6,.3+.05i,.1),
// b = wave(1,2,.2,.05), or W1 = wave(3,6,.3+.05i,.1), b1 = wave(1,3,.2,.05), W2 =
// wave(2,3,.45,.15), b2 = wave(1,2,.33,.07).
TinyWeights golden_weights(bool is_mlp) {
  TinyWeights weights;
  for (std::int64_t i = 0; i < 4; ++i) {
    const std::string name = "layers." + std::to_string(i) + ".";
    const double a = 0.3 + 0.05 * static_cast<double>(i);
    if (is_mlp) {
      weights[name + "0.weight"] = tiny_tensor(wave(3, 6, a, 0.1));
      weights[name + "0.bias"] = tiny_tensor(wave(1, 3, 0.2, 0.05)[0]);
      weights[name + "2.weight"] = tiny_tensor(wave(2, 3, 0.45, 0.15));
      weights[name + "2.bias"] = tiny_tensor(wave(1, 2, 0.33, 0.07)[0]);
    } else {
      weights[name + "weight"] = tiny_tensor(wave(2, 6, a, 0.1));
      weights[name + "bias"] = tiny_tensor(wave(1, 2, 0.2, 0.05)[0]);
    }
  }
  return weights;
}

Json golden_config(bool is_mlp) {
  Json config = {{"model_type", "kvzap"},
                 {"input_dim", 6},
                 {"output_dim", 2},
                 {"hidden_dim", nullptr},
                 {"n_modules", 4}};
  if (is_mlp) config["hidden_dim"] = 3;
  return config;
}

class KvzapTest : public testing::Test {
 protected:
  void write(const std::string& folder, const std::string& config, const TinyWeights& weights) {
    write_file(scratch_.path() / folder / "config.json", config);
    write_file(scratch_.path() / folder / "model.safetensors", safetensors_bytes(weights, "F32"));
  }
  std::unique_ptr<Method> bound(const std::map<std::string, ParameterValue>& given) const {
    std::unique_ptr<Method> method = plugin_method("kvzap", given);
    const ModelFacts model = golden_model();
    method->bind({model, scratch_.path().string(), nullptr});
    return method;
  }

  const ScratchFolder scratch_;
};

TEST_F(KvzapTest, ScoresAsThePublishedModulesDo) {
  write("kvzap-linear", golden_config(false).dump(), golden_weights(false));
  write("kvzap-mlp", golden_config(true).dump(), golden_weights(true));
  write("elsewhere", golden_config(false).dump(), golden_weights(false));
  const std::string elsewhere = (scratch_.path() / "elsewhere").string();
  // What a checkpoint is, it says itself, or its tensors do.
  const std::string mlp = (scratch_.path() / "kvzap-mlp").string();
  const std::string file = (scratch_.path() / "kvzap-mlp" / "model.safetensors").string();
  const struct {
    std::map<std::string, ParameterValue> given;
    std::string golden_name;
  } cases[] = {{{}, "kvzap_linear_layer1"},
               {{{"model_type", std::string("mlp")}}, "kvzap_mlp_h3_layer1"},
               {{{"weights", elsewhere}}, "kvzap_linear_layer1"},
               {{{"weights", mlp}}, "kvzap_mlp_h3_layer1"},
               {{{"weights", file}}, "kvzap_mlp_h3_layer1"}};
  for (const auto& c : cases) {
    EXPECT_LT(distance(golden_scores(*bound(c.given)), golden(c.golden_name)), 1e-6)
        << c.golden_name;
  }
}

TEST_F(KvzapTest, ScoresATokenAloneAsAmongOthers) {
  write("kvzap-mlp", golden_config(true).dump(), golden_weights(true));
  const auto method = bound({{"model_type", std::string("mlp")}});
  const EvictionPlan plan = method->plan(8);
  const auto policy = method->make_policy(golden_context(8));
  const at::Tensor all = policy->birth_scores(FakeEntries(plan, 0, 16)).clone();
  for (std::int64_t t = 0; t < 16; ++t) {
    const at::Tensor one = policy->birth_scores(FakeEntries(plan, t, 1));
    EXPECT_EQ(one.sizes(), at::IntArrayRef({2, 1}));
    EXPECT_TRUE(at::allclose(one, all.narrow(1, t, 1), 1e-5, 1e-6)) << t;
  }
}

TEST_F(KvzapTest, PlansBeforeItIsBound) {
  const auto method = plugin_method("kvzap", {{"n_sink", std::int64_t{2}}, {"recent", tokens(3)}});
  const EvictionPlan plan = method->plan(8);
  EXPECT_EQ(plan.ranking, Ranking::kBirthScore);
  EXPECT_TRUE(plan.needs.attention_input);
  EXPECT_EQ(plan.sinks, 2);
  EXPECT_EQ(plan.recents, 3);
}

TEST_F(KvzapTest, SaysWhatIsWrongWithACheckpoint) {
  const auto with = [](Json config, const std::string& key, const Json& value) {
    config[key] = value;
    return config.dump();
  };
  const auto changed = [](bool is_mlp, const std::function<void(TinyWeights&)>& change) {
    TinyWeights weights = golden_weights(is_mlp);
    change(weights);
    return weights;
  };
  const struct {
    std::string folder, config;
    TinyWeights weights;
    std::string what, part;
  } cases[] = {
      {"heads", with(golden_config(false), "output_dim", 4), golden_weights(false), "does not fit",
       "output_dim 4"},
      {"layers", with(golden_config(false), "n_modules", 3), golden_weights(false), "does not fit",
       "n_modules 3"},
      {"width", with(golden_config(false), "input_dim", 7), golden_weights(false), "does not fit",
       "input_dim 7"},
      {"torn", "{\"input_dim\": ", golden_weights(false), "not the config.json", ""},
      {"fields", "{}", golden_weights(false), "not the config.json", "input_dim"},
      {"missing", golden_config(false).dump(),
       changed(false, [](TinyWeights& w) { w.erase("layers.2.bias"); }), "a tensor is missing", ""},
      {"shape", golden_config(false).dump(),
       changed(false,
               [](TinyWeights& w) {
                 w["layers.1.bias"] = {{3}, {1, 2, 3}};
               }),
       "another shape", "[3]"},
      {"nan", golden_config(false).dump(),
       changed(false,
               [](TinyWeights& w) {
                 w["layers.3.weight"].values[5] = std::numeric_limits<float>::quiet_NaN();
               }),
       "NaN or infinite", "1 of 12"},
  };
  for (const auto& c : cases) {
    write(c.folder, c.config, c.weights);
    const std::string folder = (scratch_.path() / c.folder).string();
    const Problem problem = problem_of([&] { bound({{"weights", folder}}); });
    EXPECT_TRUE(has(problem.what, c.what)) << c.folder << ": " << problem.text();
    EXPECT_TRUE(has(problem.got, c.part)) << c.folder << ": " << problem.text();
    EXPECT_TRUE(has(problem.where, folder)) << problem.text();
  }
}

TEST_F(KvzapTest, SaysHowToGetScorersThatAreNotThere) {
  const Problem problem = problem_of([&] { bound({}); });
  EXPECT_TRUE(has(problem.where, "kvzap-linear")) << problem.text();
  EXPECT_TRUE(has(problem.fix, "pressroom train kvzap")) << problem.text();
}

}  // namespace
}  // namespace pressroom::kvzap_test
