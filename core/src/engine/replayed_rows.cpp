#include "engine/replayed_rows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace pressroom {
namespace {

// Rows of hidden states that go through the MLP at a time: enough for a product to run at full
// speed, few enough that memory stays small beside the weights.
constexpr std::int64_t kLayerRows = 1024;

}  // namespace

at::Tensor settled(const std::vector<std::int64_t>& ids, const at::Tensor& qkv) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(qkv.size(0)));
  std::iota(rows.begin(), rows.end(), 0);
  std::unordered_map<std::int64_t, std::int64_t> first;
  for (std::size_t i = 0; i < ids.size(); ++i) rows[i] = first.try_emplace(ids[i], i).first->second;
  return qkv.index_select(0, at::tensor(rows, at::kLong).to(qkv.device()));
}

void finish_rows(const Model& model, std::int64_t layer, const at::Tensor& attention,
                 at::Tensor& x) {
  for (std::int64_t row = 0; row < x.size(0); row += kLayerRows) {
    const std::int64_t rows = std::min(kLayerRows, x.size(0) - row);
    at::Tensor part = x.narrow(0, row, rows);
    part.copy_(model.finish_layer(layer, part, attention.narrow(0, row, rows)));
  }
}

}  // namespace pressroom
