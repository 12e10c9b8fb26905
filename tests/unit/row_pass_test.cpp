// The forward pass of a few rows against that of tensors, for every family of models there is.
#include "model/row_pass.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/few_rows.h"
#include "model/model.h"
#include "test_folders.h"

namespace pressroom {
namespace {

class RowPassOfAFamily : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Model> load(WeightDtype dtype) const {
    LoadOptions options;
    options.dtype = dtype;
    return Model::load(model_in(test_dir() / "goldens/models" / GetParam()), options);
  }
};

at::Tensor tensor_of(const float* numbers, std::int64_t rows, std::int64_t width) {
  return at::from_blob(const_cast<float*>(numbers), {rows, width}, at::kFloat).clone();
}

// Both are float32 and sum in their own order.
void expect_close(const at::Tensor& got, const at::Tensor& expected, const std::string& what) {
  ASSERT_EQ(got.sizes(), expected.sizes()) << what;
  const double largest = (got - expected).abs().max().item<double>();
  const double size = expected.abs().max().item<double>();
  EXPECT_LE(largest, 1e-5 * (1 + size)) << what;
}

// What an engine's attention would give: any numbers, the same for both.
at::Tensor some_attention(const Model& model, std::int64_t rows) {
  const std::int64_t width = model.facts().query_heads * model.facts().head_dim;
  at::Generator generator = at::detail::createCPUGenerator(5);
  return at::randn({rows, width}, generator);
}

TEST_P(RowPassOfAFamily, GivesThePiecesOfTheModel) {
  for (const WeightDtype dtype : {WeightDtype::kFloat32, WeightDtype::kBfloat16}) {
    const std::unique_ptr<Model> model = load(dtype);
    const std::vector<std::int64_t> ids = {3, 1, 3, 7, 2, 9};
    const auto rows = static_cast<std::int64_t>(ids.size());
    const at::Tensor attention = some_attention(*model, rows);
    at::Tensor x = model->embed(at::tensor(ids, at::kLong));
    RowPass pass(*model, kMostFewRows);
    pass.embed(ids);
    EXPECT_TRUE(at::equal(tensor_of(pass.rows(), rows, x.size(1)), x));
    for (std::int64_t layer = 0; layer < model->facts().layers; ++layer) {
      const std::string what = "layer " + std::to_string(layer) + ": ";
      const at::Tensor input = model->attention_input(layer, x);
      expect_close(tensor_of(pass.attention_input(layer), rows, input.size(1)), input,
                   what + "input of attention");
      const at::Tensor qkv = model->qkv(layer, input);
      expect_close(tensor_of(pass.qkv(layer), rows, qkv.size(1)), qkv, what + "qkv");
      pass.finish_layer(layer, attention.data_ptr<float>());
      x = model->finish_layer(layer, x, attention);
      expect_close(tensor_of(pass.rows(), rows, x.size(1)), x, what + "rows");
    }
    const at::Tensor logits = model->logits(x);
    expect_close(tensor_of(pass.logits(), rows, logits.size(1)), logits, "logits");
  }
}

TEST_P(RowPassOfAFamily, ARowIsTheSameAloneAndInCompany) {
  const std::unique_ptr<Model> model = load(WeightDtype::kFloat32);
  const std::int64_t vocabulary = model->output_head().out();
  const std::int64_t width = model->facts().query_heads * model->facts().head_dim;
  const at::Tensor attention = some_attention(*model, kMostFewRows);
  const auto logits_of = [&](const std::vector<std::int64_t>& ids, std::int64_t first) {
    RowPass pass(*model, static_cast<std::int64_t>(ids.size()));
    pass.embed(ids);
    for (std::int64_t layer = 0; layer < model->facts().layers; ++layer) {
      pass.attention_input(layer);
      pass.qkv(layer);
      pass.finish_layer(layer, attention.data_ptr<float>() + first * width);
    }
    return tensor_of(pass.logits(), static_cast<std::int64_t>(ids.size()), vocabulary);
  };
  const std::vector<std::int64_t> all = {1, 2, 3, 4, 5, 6, 7, 8};
  const at::Tensor together = logits_of(all, 0);
  for (std::int64_t row = 0; row < kMostFewRows; ++row) {
    EXPECT_TRUE(at::equal(logits_of({all[static_cast<std::size_t>(row)]}, row)[0], together[row]))
        << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, RowPassOfAFamily,
                         testing::Values("gpt_neox_parallel", "gpt_neox_sequential", "llama3_rope",
                                         "llama_linear_rope", "llama_mha", "mistral", "qwen2",
                                         "qwen3"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace pressroom
