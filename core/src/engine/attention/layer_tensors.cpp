#include "engine/attention/layer_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/cache/violations.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

at::Tensor on_device(const std::vector<float>& values, std::int64_t columns,
                     const at::Device& device) {
  const auto rows = static_cast<std::int64_t>(values.size()) / std::max<std::int64_t>(columns, 1);
  const at::Tensor borrowed =
      at::from_blob(const_cast<float*>(values.data()), {rows, columns}, at::kFloat);
  return borrowed.to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

// [heads,N,d] of `qkv`, from head `first`, where they lie.
at::Tensor heads_of(const LayerSetup& setup, const at::Tensor& qkv, std::int64_t tokens,
                    std::int64_t first, std::int64_t heads) {
  return qkv.narrow(0, 0, tokens)
      .view({tokens, -1, setup.model.head_dim})
      .transpose(0, 1)
      .narrow(0, first, heads);
}

void rotate_head(const RotaryTable& rotary, const at::Tensor& from, std::int64_t head,
                 const at::Tensor& to) {
  const std::int64_t tokens = from.size(1);
  const float* in = from.data_ptr<float>() + head * from.stride(0);
  float* out = to.data_ptr<float>() + head * tokens * from.size(2);
  for (std::int64_t t = 0; t < tokens; ++t) {
    rotary.rotate(in + t * from.stride(1), t, out + t * from.size(2));
  }
}

void round_head(KvDtype dtype, std::int64_t head, const at::Tensor& vectors) {
  const std::int64_t tokens = vectors.size(1);
  const std::int64_t d = vectors.size(2);
  float* rows = vectors.data_ptr<float>() + head * tokens * d;
  for (std::int64_t t = 0; t < tokens; ++t) round_vector(dtype, rows + t * d, d);
}

}  // namespace

TensorRotary::TensorRotary(const RotaryTable& table, const at::Device& device)
    : cosines_(on_device(table.cosines(), table.pairs(), device)),
      sines_(on_device(table.sines(), table.pairs(), device)) {}

at::Tensor TensorRotary::rotate(const at::Tensor& x, const at::Tensor& positions) const {
  const std::int64_t half = cosines_.size(1);
  std::vector<std::int64_t> shape = positions.sizes().vec();
  shape.push_back(half);
  const at::Tensor cosine = cosines_.index_select(0, positions.reshape(-1)).view(shape);
  const at::Tensor sine = sines_.index_select(0, positions.reshape(-1)).view(shape);
  const at::Tensor first = x.narrow(-1, 0, half);
  const at::Tensor second = x.narrow(-1, half, half);
  return at::cat({first * cosine - second * sine, second * cosine + first * sine,
                  x.narrow(-1, 2 * half, x.size(-1) - 2 * half)},
                 -1);
}

at::Tensor rounded(const at::Tensor& vectors, KvDtype dtype) {
  if (dtype == KvDtype::kFloat32) return vectors;
  if (dtype == KvDtype::kBfloat16) return vectors.to(at::kBFloat16).to(at::kFloat);
  if (dtype == KvDtype::kFloat16) return vectors.to(at::kHalf).to(at::kFloat);
  constexpr double kMost = 127;
  constexpr double kLargestHalf = 65504;
  const std::int64_t d = vectors.size(-1);
  std::vector<at::Tensor> pieces;
  for (std::int64_t first = 0; first < d; first += kScaledChannels) {
    const at::Tensor piece = vectors.narrow(-1, first, std::min(kScaledChannels, d - first));
    const at::Tensor largest = piece.abs().amax(-1, /*keepdim=*/true);
    at::Tensor scale = (largest / kMost).clamp_max(kLargestHalf).to(at::kHalf).to(at::kFloat);
    // Of what is not finite nothing is a multiple of anything.
    scale = scale.masked_fill(~largest.isfinite(), std::numeric_limits<double>::quiet_NaN());
    const at::Tensor steps = (piece / scale).round().clamp(-kMost, kMost) * scale;
    pieces.push_back(steps.masked_fill(scale == 0, 0.0));
  }
  return at::cat(pieces, -1);
}

LayerTensors layer_tensors(const LayerSetup& setup, const at::Tensor& qkv, std::int64_t tokens) {
  const ModelFacts& model = setup.model;
  const TensorRotary rotary(*setup.rotary, qkv.device());
  const at::Tensor positions = at::arange(tokens, qkv.options().dtype(at::kLong));
  LayerTensors tensors;
  tensors.queries = rotary.rotate(heads_of(setup, qkv, tokens, 0, model.query_heads), positions)
                        .view({model.kv_heads, model.group_size(), tokens, model.head_dim});
  tensors.raw_keys = heads_of(setup, qkv, tokens, model.query_heads, model.kv_heads);
  if (setup.positions == Positions::kCacheIndex) {
    tensors.raw_keys = rounded(tensors.raw_keys, setup.kv_dtype);
    tensors.keys = rotary.rotate(tensors.raw_keys, positions);
  } else {
    tensors.keys = rounded(rotary.rotate(tensors.raw_keys, positions), setup.kv_dtype);
  }
  tensors.values =
      rounded(heads_of(setup, qkv, tokens, model.query_heads + model.kv_heads, model.kv_heads),
              setup.kv_dtype);
  return tensors;
}

LayerTensors host_layer_tensors(const LayerSetup& setup, const at::Tensor& qkv, std::int64_t tokens,
                                std::int64_t threads) {
  const ModelFacts& model = setup.model;
  const at::Tensor raw_queries = heads_of(setup, qkv, tokens, 0, model.query_heads);
  const at::Tensor values =
      heads_of(setup, qkv, tokens, model.query_heads + model.kv_heads, model.kv_heads);
  LayerTensors tensors;
  tensors.queries =
      at::empty({model.kv_heads, model.group_size(), tokens, model.head_dim}, at::kFloat);
  tensors.raw_keys = heads_of(setup, qkv, tokens, model.query_heads, model.kv_heads);
  tensors.keys = at::empty({model.kv_heads, tokens, model.head_dim}, at::kFloat);
  tensors.values = at::empty({model.kv_heads, tokens, model.head_dim}, at::kFloat);
  const bool by_index = setup.positions == Positions::kCacheIndex;
  const bool rounds = setup.kv_dtype != KvDtype::kFloat32;
  if (by_index && rounds) tensors.raw_keys = tensors.raw_keys.clone(at::MemoryFormat::Contiguous);
  parallel_for(model.query_heads, threads, [&](std::int64_t head) {
    const c10::InferenceMode no_gradients;
    rotate_head(*setup.rotary, raw_queries, head, tensors.queries);
    if (head >= model.kv_heads) return;
    if (by_index && rounds) round_head(setup.kv_dtype, head, tensors.raw_keys);
    rotate_head(*setup.rotary, tensors.raw_keys, head, tensors.keys);
    if (!by_index && rounds) round_head(setup.kv_dtype, head, tensors.keys);
    tensors.values.select(0, head).copy_(values.select(0, head));
    if (rounds) round_head(setup.kv_dtype, head, tensors.values);
  });
  return tensors;
}

namespace {

// Queries of one block: enough to keep a device busy, few enough that scores stay small beside the
// weights of a model that needs one.
constexpr std::int64_t kQueriesAtOnce = 256;

// The entries that queries first .. end - 1 see.
struct SeenEntries {
  at::Tensor positions;     // [G,m]: their own, which are also their first queries
  at::Tensor last_queries;  // [G,m]
};

SeenEntries seen_by(const std::vector<EvictionLog>& evictions, std::int64_t first, std::int64_t end,
                    const at::Device& device) {
  const auto heads = static_cast<std::int64_t>(evictions.size());
  std::vector<std::int64_t> positions, last_queries;
  for (const EvictionLog& head : evictions) {
    for (std::int64_t j = 0; j < end; ++j) {
      if (head.evicted_after[j] < first) continue;
      positions.push_back(j);
      last_queries.push_back(head.evicted_after[j]);
    }
  }
  PRESSROOM_ASSERT(positions.size() % evictions.size() == 0);
  const auto on_device = [&](const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::kLong).view({heads, -1}).to(device);
  };
  return {on_device(positions), on_device(last_queries)};
}

at::Tensor gathered(const at::Tensor& vectors, const at::Tensor& positions) {
  const at::Tensor rows = positions.unsqueeze(2).expand({-1, -1, vectors.size(2)});
  return vectors.gather(1, rows);
}

}  // namespace

void attend_lifetimes(const LayerTensors& tokens, const std::vector<EvictionLog>& evictions,
                      const at::Tensor& out) {
  const std::int64_t heads = tokens.queries.size(0);
  const std::int64_t group = tokens.queries.size(1);
  const std::int64_t count = tokens.queries.size(2);
  const std::int64_t d = tokens.queries.size(3);
  const at::Device device = tokens.queries.device();
  const double scale = 1 / std::sqrt(static_cast<double>(d));
  at::Tensor errors = at::zeros({}, tokens.queries.options());
  for (std::int64_t first = 0; first < count; first += kQueriesAtOnce) {
    const std::int64_t n = std::min(kQueriesAtOnce, count - first);
    const SeenEntries seen = seen_by(evictions, first, first + n, device);
    const at::Tensor queries = tokens.queries.narrow(2, first, n).reshape({heads, group * n, d});
    const at::Tensor keys = gathered(tokens.keys, seen.positions);
    at::Tensor scores = at::bmm(queries * scale, keys.transpose(1, 2)).view({heads, group, n, -1});
    const at::Tensor query = at::arange(first, first + n, seen.positions.options()).view({1, n, 1});
    const at::Tensor is_unseen =
        (seen.positions.unsqueeze(1) > query) | (seen.last_queries.unsqueeze(1) < query);
    scores.masked_fill_(is_unseen.unsqueeze(1), -std::numeric_limits<double>::infinity());
    const at::Tensor weights = at::softmax(scores, -1);
    errors = at::maximum(errors, (weights.select(2, n - 1).sum(-1) - 1).abs().max());
    const at::Tensor sums =
        at::bmm(weights.view({heads, group * n, -1}), gathered(tokens.values, seen.positions));
    out.narrow(0, first, n).copy_(sums.view({heads, group, n, d}).permute({2, 0, 1, 3}));
  }
  check_row_errors(errors);
}

}  // namespace pressroom
