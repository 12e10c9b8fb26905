#include "engine/reconstruction/reconstruction.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fake_layer_view.h"
#include "model/products.h"
#include "tiny_model.h"

namespace pressroom::reconstruction_test {
namespace {

// Layer by layer over whole sequences in float64, from the published formulas.
class NaiveReader {
 public:
  explicit NaiveReader(const TinyModel& tiny) : tiny_(tiny), shape_(tiny.shape()) {}

  // [L,G,c] of the tokens [begin, end) of the prompt, for the sequence prompt + `again`.
  at::Tensor scores(const std::vector<std::int64_t>& prompt, const std::vector<std::int64_t>& again,
                    std::int64_t begin, std::int64_t end,
                    const ContextReconstruction& reading) const {
    std::vector<std::int64_t> ids = prompt;
    ids.insert(ids.end(), again.begin(), again.end());
    const auto past = static_cast<std::int64_t>(prompt.size());
    const auto count = static_cast<std::int64_t>(again.size());
    at::Tensor x = weight("model.embed_tokens.weight").index_select(0, at::tensor(ids, at::kLong));
    std::vector<at::Tensor> layers;
    for (std::int64_t layer = 0; layer < shape_.layers; ++layer) {
      const std::string name = "model.layers." + std::to_string(layer) + ".";
      const at::Tensor input = norm(x, name + "input_layernorm.weight");
      const at::Tensor q = rotated(heads(input, name + "self_attn.q_proj.weight"));
      const std::int64_t group = shape_.query_heads / shape_.kv_heads;
      const at::Tensor k = rotated(heads(input, name + "self_attn.k_proj.weight"));
      const at::Tensor v = heads(input, name + "self_attn.v_proj.weight");
      const at::Tensor output = weight(name + "self_attn.o_proj.weight");
      std::vector<at::Tensor> rows;
      at::Tensor mixed = at::zeros({q.size(1), 0}, at::kDouble);
      for (std::int64_t h = 0; h < shape_.query_heads; ++h) {
        const at::Tensor all = logits(q[h], k[h / group]);
        mixed = at::cat({mixed, at::mm(at::softmax(all, -1), v[h / group])}, 1);
        const std::int64_t first = std::min(reading.first_tokens, begin);
        const at::Tensor seen =
            at::cat({at::arange(first), at::arange(begin, end), at::arange(past, past + count)});
        at::Tensor a = at::softmax(all.narrow(0, past, count).index_select(1, seen), -1)
                           .narrow(1, first, end - begin);
        if (reading.kind == Reconstruction::kContribution) {
          const at::Tensor w = output.narrow(1, h * shape_.head_dim, shape_.head_dim);
          const at::Tensor sizes = at::mm(v[h / group], w.t()).norm(2, -1);
          a = a * sizes.narrow(0, begin, end - begin) /
              input.narrow(0, past, count).norm(2, -1).unsqueeze(1);
        }
        const std::int64_t skip = reading.counts_between ? 0 : count - (end - begin);
        rows.push_back(a.narrow(0, skip, a.size(0) - skip).amax(0));
      }
      layers.push_back(at::stack(rows).view({shape_.kv_heads, group, end - begin}).amax(1));
      x = x + at::mm(mixed, output.t());
      const at::Tensor h = norm(x, name + "post_attention_layernorm.weight");
      const at::Tensor gate = at::mm(h, weight(name + "mlp.gate_proj.weight").t());
      const at::Tensor up = at::mm(h, weight(name + "mlp.up_proj.weight").t());
      x = x + at::mm(gate * at::sigmoid(gate) * up, weight(name + "mlp.down_proj.weight").t());
    }
    return at::stack(layers);
  }

 private:
  at::Tensor weight(const std::string& name) const {
    const TinyTensor& tensor = tiny_.weights().at(name);
    return at::tensor(tensor.values).view(tensor.shape).to(at::kDouble);
  }
  at::Tensor norm(const at::Tensor& x, const std::string& name) const {
    return x / ((x * x).mean(-1, true) + kTinyNormEpsilon).sqrt() * weight(name);
  }
  at::Tensor heads(const at::Tensor& input, const std::string& name) const {
    return at::mm(input, weight(name).t())
        .view({input.size(0), -1, shape_.head_dim})
        .transpose(0, 1);
  }
  at::Tensor rotated(const at::Tensor& x) const {
    const std::int64_t half = shape_.head_dim / 2;
    const at::Tensor omega = at::pow(shape_.rope_theta, -at::arange(half, at::kDouble) / half);
    const at::Tensor angle = at::outer(at::arange(x.size(1), at::kDouble), omega);
    const at::Tensor a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
    return at::cat({a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()}, -1);
  }
  at::Tensor logits(const at::Tensor& q, const at::Tensor& k) const {
    const at::Tensor all = at::mm(q, k.t()) / std::sqrt(double(shape_.head_dim));
    return all.masked_fill(at::ones_like(all).triu(1).to(at::kBool), -INFINITY);
  }

  const TinyModel& tiny_;
  const TinyShape& shape_;
};

TinyShape grouped() {
  TinyShape shape;
  shape.query_heads = 6;
  shape.kv_heads = 3;
  return shape;
}

ContextReconstruction reconstruction_of(Reconstruction kind) {
  ContextReconstruction reading;
  reading.kind = kind;
  reading.between = {3, 1, 4};
  return reading;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b).abs().max().item<double>() / b.abs().max().item<double>();
}

class ReconstructionTest : public testing::Test {
 protected:
  const TinyModel tiny_{grouped(), RandomKey(7)};
  const std::vector<std::int64_t> prompt_ = random_ids(21, grouped(), RandomKey(8));
};

TEST_F(ReconstructionTest, EqualsAPlainSecondReading) {
  for (const Reconstruction kind : {Reconstruction::kAttention, Reconstruction::kContribution}) {
    for (const bool counts_between : {true, false}) {
      ContextReconstruction reading = reconstruction_of(kind);
      reading.counts_between = counts_between;
      std::vector<std::int64_t> again = reading.between;
      again.insert(again.end(), prompt_.begin(), prompt_.end());
      const at::Tensor expected = NaiveReader(tiny_).scores(prompt_, again, 0, 21, reading);
      const at::Tensor scores = reconstruction_scores(tiny_.model(), prompt_, reading);
      ASSERT_EQ(scores.sizes(), expected.sizes());
      EXPECT_LT(largest_difference(scores, expected), 2e-5);
    }
  }
}

TEST_F(ReconstructionTest, ReadsALongPromptInChunks) {
  ContextReconstruction reading = reconstruction_of(Reconstruction::kContribution);
  reading.between_later = {9, 9};
  reading.chunk_tokens = 9;
  const at::Tensor scores = reconstruction_scores(tiny_.model(), prompt_, reading);
  for (std::int64_t begin = 0; begin < 21; begin += 9) {
    const std::int64_t end = std::min<std::int64_t>(begin + 9, 21);
    std::vector<std::int64_t> again = begin == 0 ? reading.between : reading.between_later;
    again.insert(again.end(), prompt_.begin() + std::max<std::int64_t>(begin - 8, 0),
                 prompt_.begin() + end);
    const at::Tensor expected = NaiveReader(tiny_).scores(prompt_, again, begin, end, reading);
    EXPECT_LT(largest_difference(scores.narrow(2, begin, end - begin), expected), 2e-5) << begin;
  }
}

TEST_F(ReconstructionTest, DoesNotDependOnTheNumberOfThreads) {
  const std::vector<std::int64_t> prompt = random_ids(300, grouped(), RandomKey(9));
  const ContextReconstruction reading = reconstruction_of(Reconstruction::kContribution);
  const std::int64_t before = product_thread_count();
  set_product_threads(1);
  const at::Tensor one = reconstruction_scores(tiny_.model(), prompt, reading);
  set_product_threads(3);
  const at::Tensor three = reconstruction_scores(tiny_.model(), prompt, reading);
  set_product_threads(before);
  EXPECT_TRUE(at::equal(one, three));
}

TEST_F(ReconstructionTest, HandsOutTheAttentionInputsOfTheFirstReading) {
  std::vector<std::int64_t> layers;
  at::Tensor first_inputs;
  const at::Tensor scores = reconstruction_scores(
      tiny_.model(), prompt_, reconstruction_of(Reconstruction::kAttention),
      [&](std::int64_t layer, const at::Tensor& inputs, const at::Tensor& of_layer) {
        layers.push_back(layer);
        EXPECT_EQ(of_layer.sizes(), at::IntArrayRef({3, 21}));
        if (layer == 0) first_inputs = inputs.clone();
      });
  EXPECT_EQ(layers, (std::vector<std::int64_t>{0, 1}));
  const at::Tensor x = tiny_.model().embed(at::tensor(prompt_, at::kLong));
  EXPECT_TRUE(at::allclose(first_inputs, tiny_.model().attention_input(0, x)));
}

TEST_F(ReconstructionTest, ReadsAPromptOfOneTokenWithNothingBetween) {
  ContextReconstruction reading;
  const at::Tensor scores = reconstruction_scores(tiny_.model(), {5}, reading);
  EXPECT_EQ(scores.sizes(), at::IntArrayRef({2, 3, 1}));
  EXPECT_TRUE(((scores > 0) & (scores < 1)).all().item<bool>());
}

// Tokens 3 .. 10 of 11, read again by 11 .. 15.
TEST(ReadingScores, EqualThePublishedFigures) {
  const LayerInputs layer = layer_inputs();
  for (const bool by_contribution : {false, true}) {
    ScoreRows rows;
    for (std::int64_t g = 0; g < 2; ++g) {
      const at::Tensor queries = layer.queries.narrow(0, 2 * g, 2).narrow(1, 11, 5);
      ReadingHead head;
      head.queries = queries.to(at::kFloat);
      head.keys = layer.keys[g].to(at::kFloat);
      head.first_tokens = 3;
      head.chunk_tokens = 8;
      if (by_contribution) {
        head.query_factors = layer.hidden.narrow(0, 11, 5).norm(2, -1).reciprocal().to(at::kFloat);
        std::vector<at::Tensor> factors;
        for (std::int64_t h = 2 * g; h < 2 * g + 2; ++h) {
          const at::Tensor w = layer.w_o.narrow(1, 4 * h, 4);
          factors.push_back(at::mm(layer.values[g].narrow(0, 3, 8), w.t()).norm(2, -1));
        }
        head.token_factors = at::stack(factors).to(at::kFloat);
      }
      const at::Tensor scores = reconstruction_scores(head).to(at::kDouble);
      rows.emplace_back(scores.data_ptr<double>(), scores.data_ptr<double>() + 8);
    }
    const std::string name = "kvzip_ctx11_start3_end11_sink4";
    EXPECT_LT(distance(rows, golden(by_contribution ? name + "_plus" : name)), 2e-6);
  }
}

}  // namespace
}  // namespace pressroom::reconstruction_test
