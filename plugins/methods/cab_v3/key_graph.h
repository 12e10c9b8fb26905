// The curvature of entries in the graph of similar keys.
//
// Nodes are the n entries of a head, edges are A_ij = max(0, u_i . u_j), A_ii = 0, for unit keys u
// before rotation. A detour i - k - j makes the edge redundant, R_ij = (A A)_ij / n; what is left
// of it is its curvature, A_ij - lambda R_ij, and a node's is the mean over its n - 1 edges:
//
//   f_j = (r_j - lambda ((A r)_j - q_j) / n) / (n - 1),  r_j = sum_i A_ij,  q_j = sum_i A_ij^2,
//
// in which no n x n product is left.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "pressroom/cache_view.h"

namespace pressroom {

// The graph of one head from one event to the next: what stays keeps its edges, so that an event
// costs n d for each new entry and n^2, not n^2 d. All in float64.
class KeyGraph {
 public:
  // f of each entry, rounded to float32: equal keys are summed in different orders, and what this
  // leaves of a difference is no rank. 0 for an entry that is alone.
  std::vector<float> curvature(const HeadView& head, double lambda) {
    const at::Tensor held = head.positions().contiguous();
    const std::int64_t* positions = held.data_ptr<std::int64_t>();
    const auto entries = static_cast<std::size_t>(head.size());
    if (entries < 2) return std::vector<float>(entries, 0.0F);
    update(positions, entries, head.keys_before_rope());
    std::vector<double> sum(width_), square(width_), second(width_);
    for (const std::size_t i : slots_) {
      const double* row = &edges_[i * width_];
      for (std::size_t j = 0; j < width_; ++j) {
        sum[j] += row[j];
        square[j] += row[j] * row[j];
      }
    }
    for (const std::size_t i : slots_) {
      const double* row = &edges_[i * width_];
      for (std::size_t j = 0; j < width_; ++j) second[j] += row[j] * sum[i];
    }
    const auto n = static_cast<double>(entries);
    std::vector<float> curvature;
    for (const std::size_t j : slots_) {
      const double redundancy = (second[j] - square[j]) / n;
      curvature.push_back(static_cast<float>((sum[j] - lambda * redundancy) / (n - 1)));
    }
    if (width_ > kWidestKept) *this = KeyGraph();
    return curvature;
  }

 private:
  static constexpr std::size_t kWidestKept = 1024;  // 8 MiB

  // Makes the graph that of these entries. An entry that left frees its slot for one that came.
  void update(const std::int64_t* positions, std::size_t entries, const at::Tensor& keys) {
    const bool anew = entries > width_ || 2 * entries < width_;
    if (anew) {
      *this = KeyGraph();
      width_ = entries + 1;  // one comes before one leaves
      edges_.assign(width_ * width_, 0);
      units_.assign(static_cast<std::size_t>(keys.size(1)) * width_, 0);
    }
    std::vector<bool> taken(width_, false);
    std::vector<std::size_t> slots(entries, width_);
    for (std::size_t i = 0, old = 0; i < entries; ++i) {
      while (old < positions_.size() && positions_[old] < positions[i]) ++old;
      if (old == positions_.size() || positions_[old] != positions[i]) continue;
      slots[i] = slots_[old];
      taken[slots[i]] = true;
    }
    for (std::size_t slot = 0; slot < width_; ++slot) {
      if (!anew && !taken[slot]) clear(slot);
    }
    std::size_t slot = 0;
    const at::Tensor rows = keys.to(at::kCPU, at::kFloat).contiguous();
    for (std::size_t i = 0; i < entries; ++i) {
      if (slots[i] < width_) continue;
      while (taken[slot]) ++slot;
      add(slots[i] = slot++, rows.data_ptr<float>() + static_cast<std::int64_t>(i) * rows.size(1));
    }
    slots_ = slots;
    positions_.assign(positions, positions + entries);
  }

  // A key of length 0 is similar to none.
  void clear(std::size_t slot) {
    for (std::size_t c = slot; c < units_.size(); c += width_) units_[c] = 0;
    for (std::size_t j = 0; j < width_; ++j) edges_[slot * width_ + j] = 0;
    for (std::size_t i = 0; i < width_; ++i) edges_[i * width_ + slot] = 0;
  }

  void add(std::size_t slot, const float* key) {
    const std::size_t channels = units_.size() / width_;
    double norm = 0;
    for (std::size_t c = 0; c < channels; ++c) norm += static_cast<double>(key[c]) * key[c];
    norm = std::sqrt(norm);
    double* row = &edges_[slot * width_];
    for (std::size_t c = 0; norm > 0 && c < channels; ++c) {
      const double unit = key[c] / norm;
      double* units = &units_[c * width_];
      for (std::size_t j = 0; j < width_; ++j) row[j] += unit * units[j];
      units[slot] = unit;
    }
    for (std::size_t j = 0; j < width_; ++j) row[j] = std::max(row[j], 0.0);
    for (std::size_t j = 0; j < width_; ++j) edges_[j * width_ + slot] = row[j];
  }

  std::size_t width_ = 0;                // slots
  std::vector<std::int64_t> positions_;  // of the entries, ascending
  std::vector<std::size_t> slots_;       // where they are
  std::vector<double> units_;            // [d, width]
  std::vector<double> edges_;            // [width, width]
};

}  // namespace pressroom
