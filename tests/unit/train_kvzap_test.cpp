#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/run.h"
#include "fake_layer_view.h"
#include "pressroom/error.h"
#include "stream_test_support.h"
#include "test_folders.h"
#include "train/kvzap/kvzap_checkpoint.h"
#include "train/kvzap/kvzap_fit.h"
#include "train/kvzap/kvzap_rows.h"
#include "train_kvzap_test_support.h"

namespace pressroom::train_kvzap_test {
namespace {

namespace fs = std::filesystem;

// Rows of a known function of 6 inputs, in halves: what is stored is what the function saw.
KvzapTask task_of(const std::function<at::Tensor(const at::Tensor&)>& function, std::int64_t rows) {
  KvzapTask task;
  task.inputs = (3 * wave(rows, 6, 0.71, 0.37) + 1).to(at::kHalf);
  task.targets = function(task.inputs.to(at::kDouble)).to(at::kFloat);
  task.tests = rows / 10;
  task.validations = rows / 10;
  return task;
}

at::Tensor plane(const at::Tensor& x) {
  return at::mm(x, wave(6, 2, 0.9, 0.4)) + at::tensor({-7.0, 5.0}, at::kDouble);
}

TEST(FitLinear, FindsAPlaneAndItsOffset) {
  const KvzapTask task = task_of(plane, 500);
  const KvzapModule module = fit_linear(task, 1e-6);
  EXPECT_TRUE(at::allclose(module.weight.to(at::kDouble), wave(6, 2, 0.9, 0.4).t(), 1e-4, 1e-4));
  EXPECT_TRUE(
      at::allclose(module.bias.to(at::kDouble), at::tensor({-7.0, 5.0}, at::kDouble), 1e-3));
  for (const double r2 : test_fit(module, task).r2) EXPECT_GT(r2, 0.999999);
}

// One input x = 0 .. 4 and y = 2 x + 1: the centred sum of squares is 10, so a ridge of 10 halves
// the slope, and the line still goes through the means.
TEST(FitLinear, ShrinksTheSlopeAndNotTheOffset) {
  KvzapTask task;
  task.inputs = at::arange(5, at::kFloat).unsqueeze(1).to(at::kHalf);
  task.targets = 2 * at::arange(5, at::kFloat).unsqueeze(1) + 1;
  const KvzapModule module = fit_linear(task, 10);
  EXPECT_NEAR(module.weight.item<float>(), 1.0F, 1e-6F);
  EXPECT_NEAR(module.bias.item<float>(), 3.0F, 1e-6F);
}

TEST(FitMlp, LearnsWhatNoPlaneCan) {
  const auto bent = [](const at::Tensor& x) {
    const at::Tensor bend = (x.narrow(1, 0, 1) - 1).abs();
    return at::cat({bend, 10 - 3 * bend}, 1);
  };
  const KvzapTask task = task_of(bent, 4000);
  KvzapMlpRecipe recipe;
  recipe.hidden = 16;
  recipe.epochs = 30;
  recipe.batch = 128;
  recipe.patience = 30;
  const KvzapModule mlp = fit_mlp(task, recipe, RandomKey(1));
  const double linear = test_fit(fit_linear(task, 1), task).r2[0];
  for (const double r2 : test_fit(mlp, task).r2) {
    EXPECT_GT(r2, 0.95);
    EXPECT_LT(linear, 0.5);
  }
  const KvzapModule again = fit_mlp(task, recipe, RandomKey(1));
  EXPECT_TRUE(at::equal(mlp.weight, again.weight));
}

TEST(FitMlp, SaysThatItDiverged) {
  KvzapMlpRecipe recipe;
  recipe.rate = 1e30;
  const KvzapTask task = task_of(plane, 400);
  const Problem problem = problem_of([&] { fit_mlp(task, recipe, RandomKey(1)); });
  EXPECT_TRUE(has(problem.got, "diverged")) << problem.text();
}

TEST(FitMlp, IsNotUpsetByAChannelThatNeverChanges) {
  KvzapTask task = task_of(plane, 400);
  task.inputs.select(1, 2).fill_(2);
  task.targets.select(1, 1).fill_(-3);
  KvzapMlpRecipe recipe;
  recipe.hidden = 4;
  const KvzapModule module = fit_mlp(task, recipe, RandomKey(2));
  EXPECT_TRUE(at::isfinite(module.predict(task.inputs.to(at::kFloat))).all().item<bool>());
  EXPECT_EQ(test_fit(module, task).r2[1], 0);
}

TEST(KvzapFit, SquaresTheCorrelationAndCountsTheResiduals) {
  KvzapTask task;
  task.inputs = at::arange(4, at::kFloat).unsqueeze(1).to(at::kHalf);
  task.targets = at::arange(4, at::kFloat).unsqueeze(1);
  task.tests = 4;
  KvzapModule module;
  module.weight = at::full({1, 1}, 2.0F);
  module.bias = at::zeros({1});
  const KvzapFit fit = test_fit(module, task);
  EXPECT_NEAR(fit.r2[0], 1.0, 1e-12);              // proportional
  EXPECT_NEAR(fit.determination[0], -1.8, 1e-12);  // 1 - (0 + 1 + 4 + 9) / 5
}

TEST(KvzapRows, ComeBackInOrderAndAreGoneInTheEnd) {
  const ScratchFolder scratch;
  const fs::path folder = scratch.path() / "rows";
  {
    KvzapRows rows(folder, 2, 6, 2, 10);
    for (int part = 0; part < 2; ++part) {
      for (std::int64_t layer = 0; layer < 2; ++layer) {
        rows.add(layer, at::full({5, 6}, layer + 0.5 * part, at::kHalf),
                 at::full({5, 2}, layer - 2.0 * part, at::kFloat));
      }
    }
    rows.finish();
    const KvzapLayerRows layer = rows.layer(1);
    ASSERT_EQ(layer.inputs().sizes(), at::IntArrayRef({10, 6}));
    EXPECT_EQ(layer.inputs()[4][5].item<float>(), 1.0F);
    EXPECT_EQ(layer.inputs()[5][0].item<float>(), 1.5F);
    EXPECT_EQ(layer.targets()[9][1].item<float>(), -1.0F);
  }
  EXPECT_FALSE(fs::exists(folder));
}

TEST(KvzapRows, RefuseADiskThatIsTooSmall) {
  const ScratchFolder scratch;
  const Problem problem =
      problem_of([&] { KvzapRows(scratch.path() / "rows", 32, 4096, 8, std::int64_t{1} << 40); });
  EXPECT_TRUE(has(problem.got, "MiB are needed")) << problem.text();
  EXPECT_FALSE(fs::exists(scratch.path() / "rows"));
}

TEST_F(TrainKvzapTest, WritesCheckpointsThatTheMethodReads) {
  options_.kinds = {KvzapKind::kLinear, KvzapKind::kMlp};
  const std::vector<KvzapResult> results = train();
  ASSERT_EQ(results.size(), 2U);
  const TinyShape& shape = tiny_.shape();
  for (const std::string kind : {"linear", "mlp"}) {
    const fs::path folder = options_.out / ("kvzap-" + kind);
    const Json config = Json::parse(read_file(folder / "config.json"));
    EXPECT_EQ(config["model_type"], "kvzap");
    EXPECT_EQ(config["input_dim"], shape.hidden_size);
    EXPECT_EQ(config["output_dim"], shape.kv_heads);
    EXPECT_EQ(config["n_modules"], shape.layers);
    EXPECT_EQ(config["hidden_dim"], kind == "mlp" ? Json(16) : Json(nullptr));
    EXPECT_EQ(Json::parse(read_file(folder / "r2.json"))["layers"].size(), 2U);
    const auto method =
        plugin_method("kvzap", {{"model_type", kind}, {"weights", folder.string()}});
    method->bind({tiny_.model().facts(), "", nullptr});
  }
  EXPECT_FALSE(fs::exists(options_.out / "kvzap-rows"));
}

TEST_F(TrainKvzapTest, GivesTheSameWeightsWithAnyNumberOfThreads) {
  options_.kinds = {KvzapKind::kLinear, KvzapKind::kMlp};
  train();
  const fs::path first = options_.out;
  options_.out = scratch_.path() / "again";
  options_.threads = 1;
  train();
  for (const char* file : {"kvzap-linear/model.safetensors", "kvzap-mlp/model.safetensors"}) {
    EXPECT_EQ(read_file(first / file), read_file(options_.out / file)) << file;
  }
}

TEST_F(TrainKvzapTest, LeavesNothingWhenItIsStopped) {
  int asked = 0;
  EXPECT_THROW(train([&] { return ++asked > 30; }), Interrupted);
  EXPECT_FALSE(fs::exists(options_.out / "kvzap-linear"));
  EXPECT_FALSE(fs::exists(options_.out / "kvzap-rows"));
}

TEST_F(TrainKvzapTest, SaysWhatIsWrongWithARequest) {
  const std::string data = "datasets: [{reader: text, path: text.txt}]\n";
  const struct {
    std::string yaml;
    std::int64_t tokens;
    std::string what, part;
  } cases[] = {
      {data + "context: 64\n", 128, "too few windows", "2"},
      {data + "context: 64\n", 100000, "the dataset is too short", "windows"},
      {data + "contxt: 64\n", 1280, "unknown key", "contxt"},
      {data + "context: 250\n", 1280, "beyond the positions", "250"},
      {data + "context: 2\n", 1280, "context", "2"},
      {"context: 64\n", 1280, "there are no datasets", "none"},
      {"- 1\n", 1280, "what to learn from", "list"},
  };
  for (const auto& c : cases) {
    write_data(c.yaml);
    options_.tokens = c.tokens;
    const Problem problem = problem_of([&] { train(); });
    EXPECT_TRUE(has(problem.what, c.what)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.part)) << problem.text();
    EXPECT_FALSE(fs::exists(options_.out));
  }
}

TEST(ShippedKvzap, FitsTheStarterModel) {
  const fs::path starter = test_dir() / ".." / "datasets" / "starter";
  const auto model = Model::load(model_in(starter));
  for (const std::string kind : {"linear", "mlp"}) {
    const auto method = plugin_method("kvzap", {{"model_type", kind}});
    method->bind({model->facts(), starter.string(), nullptr});
    EXPECT_LT(fs::file_size(starter / ("kvzap-" + kind) / "model.safetensors"), 1000000U);
  }
}

}  // namespace
}  // namespace pressroom::train_kvzap_test
