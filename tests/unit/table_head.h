// A head whose tensors a test writes down.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "pressroom/cache_view.h"

namespace pressroom {

struct TableHead final : HeadView {
  at::Tensor held_positions;  // [T]
  std::int64_t next = 0;      // 0: the position after the newest entry's
  at::Tensor held_keys;       // [T,d]
  at::Tensor held_values;     // [T,d]
  at::Tensor last_queries;    // [g,w,d]
  at::Tensor mean;            // [g,d]
  at::Tensor covariance;      // [g,d,d]

  // Keys and values [T,d] at positions 0, ..., T-1.
  TableHead(const at::Tensor& keys, const at::Tensor& values)
      : held_positions(at::arange(keys.size(0), at::kLong)),
        held_keys(keys.to(at::kFloat)),
        held_values(values.to(at::kFloat)) {}
  explicit TableHead(const at::Tensor& keys) : TableHead(keys, keys) {}

  std::int64_t kv_head() const override { return 0; }
  std::int64_t size() const override { return held_keys.size(0); }
  std::int64_t next_position() const override {
    return next > 0 ? next : held_positions[size() - 1].item<std::int64_t>() + 1;
  }
  at::Tensor tensor(Quantity quantity) const override {
    switch (quantity) {
      case Quantity::kPositions:
      case Quantity::kTokenIds:
        return held_positions;
      case Quantity::kKeys:
      case Quantity::kKeysBeforeRope:
        return held_keys;
      case Quantity::kValues:
        return held_values;
      case Quantity::kSignal:
      case Quantity::kBirthScores:
        return at::zeros({size()});
      case Quantity::kQueries:
      case Quantity::kQueriesBeforeRope:
        return last_queries;
      case Quantity::kMeanQuery:
        return mean;
      case Quantity::kQueryCovariance:
        return covariance;
      default:
        return {};
    }
  }
};

// The elements of `tensor`, whatever its shape and type.
inline std::vector<double> doubles(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kDouble).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

}  // namespace pressroom
