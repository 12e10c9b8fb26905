// A training that begins with the weights of another.
#include <gtest/gtest.h>

#include "pressroom/error.h"
#include "scratch_folder.h"
#include "train/starter/begin_from.h"
#include "train/starter/llama_net.h"

namespace pressroom::train_begin_from_test {
namespace {

LlamaShape shape_with(std::int64_t layers) {
  LlamaShape shape;
  shape.hidden_size = 16;
  shape.intermediate_size = 24;
  shape.layers = layers;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 4;
  shape.vocabulary_size = 64;
  shape.context = 32;
  return shape;
}

class BeginFrom : public testing::Test {
 protected:
  // fp16 as in the file, so that nothing is lost by writing.
  BeginFrom() : model_(shape_with(2), 1) {
    model_.parameters().copy_(model_.parameters().to(at::kHalf));
    export_model(model_, scratch_.path());
  }

  const ScratchFolder scratch_;
  LlamaNet model_;
  at::Tensor ids_ = at::arange(20).view({1, 20});
};

TEST_F(BeginFrom, TakesTheWeights) {
  LlamaNet net(shape_with(2), 2);
  EXPECT_FALSE(at::equal(net.parameters(), model_.parameters()));
  begin_from(scratch_.path(), &net);
  EXPECT_TRUE(at::equal(net.parameters(), model_.parameters()));
}

TEST_F(BeginFrom, SaysTheSameWithLayersThatAreNew) {
  LlamaNet net(shape_with(4), 2);
  begin_from(scratch_.path(), &net);
  EXPECT_TRUE(at::allclose(net.logits(ids_), model_.logits(ids_), 1e-5, 1e-6));
  // What is new can learn: only the way out is 0.
  for (const ParameterSlice& slice : net.slices()) {
    if (slice.name != "model.layers.3.self_attn.q_proj.weight") continue;
    EXPECT_GT(net.parameters().narrow(0, slice.offset, 64).abs().min().item<float>(), 0.0f);
  }
}

TEST_F(BeginFrom, RefusesAnotherShape) {
  LlamaShape fewer = shape_with(1), heads = shape_with(2), wider = shape_with(2);
  heads.heads = 2;
  heads.head_dim = 8;
  wider.intermediate_size = 32;
  for (const LlamaShape& shape : {fewer, heads, wider}) {
    LlamaNet net(shape, 2);
    EXPECT_THROW(begin_from(scratch_.path(), &net), Error);
  }
  LlamaNet net(shape_with(2), 2);
  EXPECT_THROW(begin_from(scratch_.path() / "nowhere", &net), Error);
}

}  // namespace
}  // namespace pressroom::train_begin_from_test
