// Scorers after the presses of kvpress, against the figures its code gives for inputs in closed
// form. Views are float32 and so are the scores, hence 1e-6 of the largest.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "fake_layer_view.h"
#include "pressroom/error.h"
#include "table_head.h"
#include "tiny_model.h"

namespace pressroom::kvpress_scorers_test {
namespace {

using Given = std::map<std::string, ParameterValue>;

std::int64_t count(std::int64_t value) { return value; }

struct Case {
  std::string golden_name;
  std::string method;
  Given given;
  bool padded = true;  // protected entries stand above all others, else where the method puts them
};

TEST(KvpressScorers, GiveTheScoresOfTheReference) {
  const Given expected = {{"n_future_positions", count(8)}, {"n_sink", count(2)}};
  const auto but = [](Given given, const std::string& name, const ParameterValue& value) {
    given[name] = value;
    return given;
  };
  const auto cur = [&](const std::string& type, bool local) -> Given {
    return {{"leverage_type", type},
            {"local_window_size", count(6)},
            {"use_local_approximation", local}};
  };
  const std::vector<Case> cases = {
      {"knorm", "knorm", {}},
      {"snapkv_w4_k3", "snapkv", {{"window_size", count(4)}, {"kernel_size", count(3)}}},
      {"snapkv_w4_k5", "snapkv", {{"window_size", count(4)}}},
      {"keydiff", "keydiff", {}},
      {"expected_nf8_sink2", "expected_attention", expected},
      {"expected_nf8_sink2_nocov", "expected_attention", but(expected, "use_covariance", false)},
      {"expected_nf8_sink2_novnorm", "expected_attention", but(expected, "use_vnorm", false)},
      {"expected_nf8_sink2_eps0.02", "expected_attention", but(expected, "epsilon", 0.02)},
      {"lagkv_sink2_lag4", "lagkv", {{"n_sink", count(2)}, {"lag_size", count(4)}}, false},
      {"lagkv_sink2_lag4_cross",
       "lagkv",
       {{"n_sink", count(2)}, {"lag_size", count(4)}, {"cross_scoring", true}},
       false},
      {"lagkv_sink4_lag128_short", "lagkv", {}, false},
      {"cur_w6_key", "cur", cur("key", true), false},
      {"cur_w6_value", "cur", cur("value", true), false},
      {"cur_w6_kv_avg", "cur", cur("kv_avg", true), false},
      {"cur_w6_kv_product", "cur", cur("kv_product", true), false},
      {"cur_global_kv_product", "cur", cur("kv_product", false), false},
      {"finch_w4", "finch", {{"window_size", count(4)}}},
  };
  for (const Case& c : cases) {
    const auto method = golden_method(c.method, c.given);
    const ScoreRows scores = golden_scores(*method, 8, kGoldenTokens, c.padded);
    EXPECT_LT(distance(scores, golden(c.golden_name)), 1e-6) << c.golden_name;
  }
}

// The reference marks what stays with 1; here the newer entry ranks higher.
TEST(KvpressScorers, KeepTheWindowOfTheReference) {
  KeptRows ones;
  for (const std::vector<double>& row : golden("streaming_r0.5_sink4").get<ScoreRows>()) {
    ones.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i] == 1) ones.back().push_back(static_cast<std::int64_t>(i));
    }
  }
  EXPECT_EQ(golden_kept(*golden_method("streaming_llm"), 8), ones);
}

// A head's signal is a sum over its group of two, the reference's score a mean.
TEST(KvpressScorers, RankByTheLastQueryAsTheReference) {
  const auto method = golden_method("tova");
  EXPECT_EQ(method->plan(8).share, Share::kLayer);
  ScoreRows scores = golden_scores(*method, 8, kGoldenTokens, false);
  for (std::vector<double>& row : scores) {
    for (double& score : row) score /= 2;
    row.back() = *std::max_element(row.begin(), row.end() - 1) + 1;
  }
  EXPECT_LT(distance(scores, golden("tova")), 1e-6);
}

TEST(KvpressScorers, ZeroTheChannelsOfTheReference) {
  const auto method =
      golden_method("think", {{"key_channel_compression_ratio", 0.5}, {"window_size", count(4)}});
  const EvictionPlan plan = method->plan(8);
  EXPECT_TRUE(plan.zeroes_channels);
  const FakeLayer layer(plan);
  const auto policy = method->make_policy(golden_context(8));
  for (std::int64_t head = 0; head < layer.kv_heads(); ++head) {
    const at::Tensor channels = policy->zeroed_channels(layer.head(head));
    EXPECT_EQ(channels.scalar_type(), at::kLong);
    EXPECT_EQ(doubles(channels),
              golden("think_r0.5_w4_zero_channels")[head].get<std::vector<double>>());
  }
}

class QFilterFile : public ::testing::Test {
 protected:
  // Filters of four layers, two heads, four channels: those the golden was made with.
  std::string write(const std::string& tensor_name, std::int64_t layers) {
    std::vector<float> filters;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      for (const double x : doubles(wave(2, 4, 0.4 + 0.1 * static_cast<double>(layer), 0.2))) {
        filters.push_back(static_cast<float>(x));
      }
    }
    const TinyWeights weights = {{tensor_name, {{layers, 2, 4}, filters}}};
    std::ofstream(folder_.path() / "model.safetensors", std::ios::binary)
        << safetensors_bytes(weights, "F32");
    return (folder_.path() / "model.safetensors").string();
  }

  ScratchFolder folder_;
};

TEST_F(QFilterFile, GivesTheScoresOfTheReference) {
  const std::string file = write("q_filters", 4);
  for (const std::string& path : {file, folder_.path().string()}) {
    const auto method = golden_method("qfilter", {{"filters", path}});
    EXPECT_LT(distance(golden_scores(*method), golden("qfilter_layer1")), 1e-6) << path;
  }
}

TEST_F(QFilterFile, IsRefusedWhereItDoesNotFitTheModel) {
  EXPECT_THROW(golden_method("qfilter", {{"filters", write("q_filters", 3)}}), Error);
  EXPECT_THROW(golden_method("qfilter", {{"filters", write("filters", 4)}}), Error);
  EXPECT_THROW(golden_method("qfilter", {{"filters", std::string("/no/such/file")}}), Error);
}

}  // namespace
}  // namespace pressroom::kvpress_scorers_test
