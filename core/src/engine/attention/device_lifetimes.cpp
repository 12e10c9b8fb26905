#include "engine/attention/device_lifetimes.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/cache/violations.h"
#include "pressroom/error.h"

namespace pressroom {
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

void check_row_errors(const at::Tensor& errors) {
  const float largest = errors.max().item<float>();
  if (largest <= 1e-3F) return;
  violated("I11 attention adds up to 1", "a query of the layer", "1 within 0.001",
           "off by " + std::to_string(largest));
}

}  // namespace pressroom
