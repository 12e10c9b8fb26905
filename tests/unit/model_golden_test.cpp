// Every family against the reference library: eight small random models, their nll and last logits
// (tests/goldens/README.md).
#include <ATen/ATen.h>

#include <algorithm>

#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::model_golden_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr double kMostNllDifference = 2e-5;
constexpr double kMostLogitDifference = 1e-4;

class ModelGolden : public testing::TestWithParam<const char*> {
 protected:
  fs::path folder() const { return test_dir() / "goldens" / "models" / GetParam(); }
  Json expected() const { return Json::parse(read_file(folder() / "expected.json")); }
};

TEST_P(ModelGolden, AgreesOnEveryTargetAndOnTheLastLogits) {
  const auto model = Model::load(model_in(folder()));
  const Json golden = expected();
  const DocumentRun run = run_dense(*model, golden.at("ids").get<std::vector<std::int64_t>>());
  const auto nll = golden.at("nll_nats").get<std::vector<double>>();
  ASSERT_EQ(run.nll_nats.size(), nll.size());
  EXPECT_LE(largest_difference(run.nll_nats, nll), kMostNllDifference);

  const auto logits = golden.at("last_logits").get<std::vector<double>>();
  ASSERT_EQ(run.last_logits.size(), logits.size());
  const std::vector<double> last(run.last_logits.begin(), run.last_logits.end());
  EXPECT_LE(largest_difference(last, logits), kMostLogitDifference);
}

// bfloat16 rounds to 8 bits and float16 to 11, once; qwen2's file is bfloat16 already.
TEST_P(ModelGolden, IsNearlyTheSameHeldIn16Bits) {
  const auto exact = Model::load(model_in(folder()));
  const auto ids = expected().at("ids").get<std::vector<std::int64_t>>();
  const std::vector<double> nll = run_dense(*exact, ids).nll_nats;
  const bool stored_in_bfloat16 = GetParam() == std::string("qwen2");
  for (const WeightDtype dtype : {WeightDtype::kBfloat16, WeightDtype::kFloat16}) {
    LoadOptions options;
    options.dtype = dtype;
    options.threads = 2;
    const auto model = Model::load(model_in(folder()), options);
    EXPECT_LT(model->weight_bytes(), exact->weight_bytes() * 6 / 10);
    const at::ScalarType held = dtype == WeightDtype::kBfloat16 ? at::kBFloat16 : at::kHalf;
    const at::Tensor rounded = exact->layer(0).qkv.weight.widened().to(held);
    EXPECT_TRUE(at::equal(model->layer(0).qkv.weight.widened(), rounded.to(at::kFloat)));
    const double most = stored_in_bfloat16 && dtype == WeightDtype::kBfloat16 ? 0
                        : dtype == WeightDtype::kBfloat16                     ? 0.5
                                                                              : 0.05;
    EXPECT_LE(largest_difference(run_dense(*model, ids).nll_nats, nll), most) << to_string(dtype);
  }
}

TEST(ModelLoading, ShowsHowMuchOfAModelIsLoaded) {
  LoadOptions options;
  options.threads = 2;
  std::vector<std::int64_t> done;
  std::int64_t of = 0;
  options.progress = [&](std::int64_t elements, std::int64_t total) {
    done.push_back(elements);
    of = total;
  };
  const fs::path folder = test_dir() / "goldens/models/qwen3";
  const auto model = Model::load(model_in(folder), options);
  EXPECT_EQ(of * 4, model->weight_bytes());
  EXPECT_EQ(done.back(), of);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

INSTANTIATE_TEST_SUITE_P(Families, ModelGolden,
                         testing::Values("gpt_neox_parallel", "gpt_neox_sequential", "llama3_rope",
                                         "llama_linear_rope", "llama_mha", "mistral", "qwen2",
                                         "qwen3"));

}  // namespace
}  // namespace pressroom::model_golden_test
