// A layer whose tensors have closed forms, as views a policy can be asked about: what the figures
// of tests/goldens/kvpress_scores.json were computed from, and a way to compare with them.
//
//   const auto method = golden_method("snapkv", {{"window_size", 4}, {"kernel_size", 3}});
//   EXPECT_LT(distance(golden_scores(*method), golden("snapkv_w4_k3")), 1e-6);
//
// H = 4 query heads, G = 2 KV heads, d = 4, D = 6, L = 4, layer 1; T = 16 tokens, or any other
// number of the same series. With wave(R,C,a,b)_ij = sin(a (i+1)(j+1) + b (i-j)), from i = j = 0:
// hidden = wave(T,6,.23,.61), W_Q = wave(16,6,.37,.21), W_K = wave(8,6,.53,.17), W_V =
// wave(8,6,.29,.41), W_O = wave(6,16,.31,.13); rotary base 10000. Computed in float64, handed out
// as float32 with strides that are not those of a contiguous tensor.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pressroom/method.h"
#include "pressroom/parameters.h"

namespace pressroom {

constexpr std::int64_t kGoldenTokens = 16;

// [rows,columns] float64.
at::Tensor wave(std::int64_t rows, std::int64_t columns, double a, double b);

// The tensors of the layer in float64.
struct LayerInputs {
  at::Tensor hidden;               // [T,D], the attention input
  at::Tensor w_o;                  // [D,H*d]
  at::Tensor queries_before_rope;  // [H,T,d]
  at::Tensor queries;              // [H,T,d]
  at::Tensor keys_before_rope;     // [G,T,d]
  at::Tensor keys;                 // [G,T,d]
  at::Tensor values;               // [G,T,d]
  at::Tensor attention;            // [H,T,T], causal
};
LayerInputs layer_inputs(std::int64_t tokens = kGoldenTokens);

ModelFacts golden_model();
// Of layer 1, with a context of `tokens`.
PolicyContext golden_context(std::int64_t budget_tokens, std::int64_t tokens = kGoldenTokens);

// One view of the layer. Asking for what the plan does not declare is an Error, as in the engine.
class FakeHead final : public HeadView {
 public:
  // The KV heads `heads`, as one view of their means where there are several. `birth_scores` [G,T]
  // may be undefined.
  FakeHead(const LayerInputs& inputs, const EvictionPlan& plan, std::vector<std::int64_t> heads,
           const at::Tensor& birth_scores);

  std::int64_t kv_head() const override { return heads_.front(); }
  std::int64_t size() const override { return inputs_.keys.size(1); }
  std::int64_t next_position() const override { return size(); }
  at::Tensor tensor(Quantity quantity) const override;

 private:
  at::Tensor attention_signal() const;
  at::Tensor mean_of_queries() const;
  at::Tensor covariance_of_queries() const;
  at::Tensor of_kv_heads(const at::Tensor& all) const;
  at::Tensor of_query_heads(const at::Tensor& all) const;
  at::Tensor last_queries(const at::Tensor& all) const;
  at::Tensor queries_beyond_sinks() const;
  void declared(bool it_is, const std::string& name) const;

  LayerInputs inputs_;
  EvictionPlan plan_;
  std::vector<std::int64_t> heads_;
  at::Tensor birth_scores_;
};

class FakeLayer final : public LayerView {
 public:
  // All heads of the layer at the event after its `tokens` tokens were fed as one block.
  explicit FakeLayer(const EvictionPlan& plan, std::int64_t tokens = kGoldenTokens,
                     const at::Tensor& birth_scores = {});

  std::int64_t layer() const override { return 1; }
  std::int64_t kv_heads() const override { return static_cast<std::int64_t>(heads_.size()); }
  const HeadView& head(std::int64_t index) const override { return heads_.at(index); }
  std::int64_t tokens_fed() const override { return tokens_; }

 private:
  std::int64_t tokens_;
  std::vector<FakeHead> heads_;
};

// The same tokens as they enter: `size` of them from `first` on.
class FakeEntries final : public EntriesView {
 public:
  FakeEntries(const EvictionPlan& plan, std::int64_t first, std::int64_t size);

  std::int64_t size() const override { return size_; }
  at::Tensor positions() const override;
  at::Tensor token_ids() const override { return positions(); }
  at::Tensor keys() const override { return entering(inputs_.keys); }
  at::Tensor values() const override { return entering(inputs_.values); }
  at::Tensor keys_before_rope() const override { return entering(inputs_.keys_before_rope); }
  at::Tensor attention_input() const override;

 private:
  at::Tensor entering(const at::Tensor& all) const;

  LayerInputs inputs_;
  bool attention_input_ = false;
  std::int64_t first_ = 0;
  std::int64_t size_ = 0;
};

// What the goldens hold under `name`.
nlohmann::json golden(const std::string& name);

// The plugin `name` with its default parameters but for `given`, bound to golden_model().
std::unique_ptr<Method> golden_method(const std::string& name,
                                      const std::map<std::string, ParameterValue>& given = {});

using ScoreRows = std::vector<std::vector<double>>;
using KeptRows = std::vector<std::vector<std::int64_t>>;

// [G][T]: what `method` ranks by - birth score, signal or score - after the whole layer was fed as
// one block; rows are repeated where heads share. Protected entries stand at the largest score of
// the layer plus 1, unless `padded` is false.
ScoreRows golden_scores(const Method& method, std::int64_t budget_tokens = 8,
                        std::int64_t tokens = kGoldenTokens, bool padded = true);

// [G][kept]: the indices that stay then, by `keep` where it decides, else `budget_tokens` of the
// highest scores; ascending.
KeptRows golden_kept(const Method& method, std::int64_t budget_tokens,
                     std::int64_t tokens = kGoldenTokens);

// The largest difference of `scores` from `expected`, a list of rows, over the largest of
// `expected`; infinite where shapes differ or a score is NaN.
double distance(const ScoreRows& scores, const nlohmann::json& expected);

}  // namespace pressroom
