#include "fake_layer_view.h"

#include <ATen/ATen.h>

#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::int64_t kQueryHeads = 4;
constexpr std::int64_t kKvHeads = 2;
constexpr std::int64_t kHeadDim = 4;
constexpr std::int64_t kGroup = kQueryHeads / kKvHeads;

// As float32, each row with a gap of NaN behind it.
at::Tensor strided(const at::Tensor& tensor) {
  const at::Tensor floats = tensor.to(at::kFloat);
  const std::int64_t row = floats.size(-1);
  std::vector<std::int64_t> shape = floats.sizes().vec();
  shape.back() = 3;
  return at::cat({floats, at::full(shape, NAN)}, -1).narrow(-1, 0, row);
}

// [heads,T,d] of hidden W'.
at::Tensor projected(const at::Tensor& hidden, const at::Tensor& weight, std::int64_t heads) {
  return at::matmul(hidden, weight.t())
      .view({hidden.size(0), heads, kHeadDim})
      .transpose(0, 1)
      .contiguous();
}

at::Tensor turned(const at::Tensor& x) {
  const std::vector<double> omega = golden_model().rope_frequencies;
  const at::Tensor positions = at::arange(x.size(1), at::kDouble);
  const at::Tensor angles = at::outer(positions, at::tensor(omega, at::kDouble));
  const at::Tensor first = x.narrow(-1, 0, kHeadDim / 2);
  const at::Tensor second = x.narrow(-1, kHeadDim / 2, kHeadDim / 2);
  return at::cat(
      {first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()},
      -1);
}

}  // namespace

at::Tensor wave(std::int64_t rows, std::int64_t columns, double a, double b) {
  const at::Tensor i = at::arange(rows, at::kDouble).unsqueeze(1);
  const at::Tensor j = at::arange(columns, at::kDouble).unsqueeze(0);
  return at::sin(a * (i + 1) * (j + 1) + b * (i - j));
}

LayerInputs layer_inputs(std::int64_t tokens) {
  LayerInputs inputs;
  inputs.hidden = wave(tokens, 6, .23, .61);
  inputs.w_o = wave(6, 16, .31, .13);
  inputs.queries_before_rope = projected(inputs.hidden, wave(16, 6, .37, .21), kQueryHeads);
  inputs.keys_before_rope = projected(inputs.hidden, wave(8, 6, .53, .17), kKvHeads);
  inputs.values = projected(inputs.hidden, wave(8, 6, .29, .41), kKvHeads);
  inputs.queries = turned(inputs.queries_before_rope);
  inputs.keys = turned(inputs.keys_before_rope);
  const at::Tensor logits =
      at::matmul(inputs.queries, inputs.keys.repeat_interleave(kGroup, 0).transpose(1, 2)) /
      std::sqrt(static_cast<double>(kHeadDim));
  const at::Tensor future = at::ones({tokens, tokens}, at::kBool).triu(1);
  inputs.attention = at::softmax(logits.masked_fill(future, -INFINITY), -1);
  return inputs;
}

ModelFacts golden_model() {
  ModelFacts model;
  model.name = "golden";
  model.layers = 4;
  model.query_heads = kQueryHeads;
  model.kv_heads = kKvHeads;
  model.head_dim = kHeadDim;
  model.hidden_size = 6;
  model.vocabulary = 64;
  model.max_positions = 4096;
  model.rope_frequencies = {1.0, 0.01};
  return model;
}

PolicyContext golden_context(std::int64_t budget_tokens, std::int64_t tokens) {
  PolicyContext context;
  context.model = golden_model();
  context.layer = 1;
  context.budget_tokens = budget_tokens;
  context.context_tokens = tokens;
  context.random = RandomKey(42).with("golden").with(1);
  return context;
}

FakeHead::FakeHead(const LayerInputs& inputs, const EvictionPlan& plan,
                   std::vector<std::int64_t> heads, const at::Tensor& birth_scores)
    : inputs_(inputs), plan_(plan), heads_(std::move(heads)), birth_scores_(birth_scores) {}

void FakeHead::declared(bool it_is, const std::string& name) const {
  if (!it_is) throw Error({"a method asked for " + name + " without declaring it", "", "", "", ""});
}

// [...] of all [G,...]: the mean over this view's heads.
at::Tensor FakeHead::of_kv_heads(const at::Tensor& all) const {
  return strided(all.index_select(0, at::tensor(heads_, at::kLong)).mean(0));
}

// [g,...] of all [H,...].
at::Tensor FakeHead::of_query_heads(const at::Tensor& all) const {
  std::vector<std::int64_t> shape = all.sizes().vec();
  shape.front() = kKvHeads;
  shape.insert(shape.begin() + 1, kGroup);
  return of_kv_heads(all.reshape(shape));
}

at::Tensor FakeHead::tensor(Quantity quantity) const {
  switch (quantity) {
    case Quantity::kPositions:
    case Quantity::kTokenIds:
      return at::arange(size(), at::kLong);
    case Quantity::kKeys:
      return of_kv_heads(inputs_.keys);
    case Quantity::kValues:
      return of_kv_heads(inputs_.values);
    case Quantity::kSignal:
      return attention_signal();
    case Quantity::kBirthScores:
      declared(birth_scores_.defined(), "birth_scores");
      return of_kv_heads(birth_scores_);
    case Quantity::kKeysBeforeRope:
      declared(plan_.needs.keys_before_rope, "keys_before_rope");
      return of_kv_heads(inputs_.keys_before_rope);
    case Quantity::kQueries:
      return last_queries(inputs_.queries);
    case Quantity::kQueriesBeforeRope:
      declared(plan_.needs.keys_before_rope, "queries_before_rope");
      return last_queries(inputs_.queries_before_rope);
    case Quantity::kMeanQuery:
      return mean_of_queries();
    case Quantity::kQueryCovariance:
      return covariance_of_queries();
    case Quantity::kAttentionInputs:
      declared(plan_.needs.held_inputs, "attention_inputs");
      return strided(inputs_.hidden);
    case Quantity::kOutputProjection:
      declared(plan_.needs.output_projection, "output_projection");
      return of_kv_heads(inputs_.w_o.view({6, kKvHeads, kGroup * kHeadDim}).transpose(0, 1));
  }
  return {};
}

at::Tensor FakeHead::attention_signal() const {
  declared(plan_.signal != Signal::kNone, "signal");
  const at::Tensor of_group =
      inputs_.attention.view({kKvHeads, kGroup, size(), size()}).sum(1);  // [G,T,T]
  if (plan_.signal == Signal::kLastQueryAttention) {
    return of_kv_heads(of_group.select(1, size() - 1));
  }
  const at::Tensor sums = of_group.sum(1);
  if (plan_.signal == Signal::kCumulativeAttention) return of_kv_heads(sums);
  return of_kv_heads(sums / (size() - at::arange(size(), at::kDouble)));
}

at::Tensor FakeHead::last_queries(const at::Tensor& all) const {
  declared(plan_.needs.query_window > 0, "queries");
  const std::int64_t count = std::min(plan_.needs.query_window, size());
  return of_query_heads(all.narrow(1, size() - count, count));
}

// [H,N,d]
at::Tensor FakeHead::queries_beyond_sinks() const {
  declared(plan_.needs.query_moments, "query moments");
  const std::int64_t sinks = std::min(plan_.sinks, size());
  return inputs_.queries_before_rope.narrow(1, sinks, size() - sinks);
}

at::Tensor FakeHead::mean_of_queries() const {
  const at::Tensor samples = queries_beyond_sinks();
  return of_query_heads(samples.sum(1) / std::max<std::int64_t>(samples.size(1), 1));
}

at::Tensor FakeHead::covariance_of_queries() const {
  const at::Tensor samples = queries_beyond_sinks();
  const double count = static_cast<double>(std::max<std::int64_t>(samples.size(1), 1));
  const at::Tensor centred = samples - samples.sum(1, true) / count;
  return of_query_heads(at::matmul(centred.transpose(1, 2), centred) / count);
}

FakeLayer::FakeLayer(const EvictionPlan& plan, std::int64_t tokens, const at::Tensor& birth_scores)
    : tokens_(tokens) {
  const LayerInputs inputs = layer_inputs(tokens);
  if (plan.share != Share::kKvHead) {
    heads_.emplace_back(inputs, plan, std::vector<std::int64_t>{0, 1}, birth_scores);
    return;
  }
  for (std::int64_t head = 0; head < kKvHeads; ++head) {
    heads_.emplace_back(inputs, plan, std::vector<std::int64_t>{head}, birth_scores);
  }
}

FakeEntries::FakeEntries(const EvictionPlan& plan, std::int64_t first, std::int64_t size)
    : inputs_(layer_inputs(first + size)),
      attention_input_(plan.needs.attention_input),
      first_(first),
      size_(size) {}

at::Tensor FakeEntries::positions() const { return at::arange(first_, first_ + size_, at::kLong); }

at::Tensor FakeEntries::entering(const at::Tensor& all) const {
  return strided(all.narrow(-2, first_, size_));
}

at::Tensor FakeEntries::attention_input() const {
  if (!attention_input_) {
    throw Error({"a method asked for attention_input without declaring it", "", "", "", ""});
  }
  return entering(inputs_.hidden);
}

}  // namespace pressroom
