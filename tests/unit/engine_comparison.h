// Whether two engines gave one answer.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "engine/run.h"

namespace pressroom {

// When each entry left, [layer][kv_head][position]: the kept sets of every step.
inline std::vector<std::vector<std::vector<std::int32_t>>> left_after(const DocumentRun& run) {
  std::vector<std::vector<std::vector<std::int32_t>>> all;
  for (const auto& layer : run.departures) {
    auto& heads = all.emplace_back();
    for (const Departures& head : layer) heads.push_back(head.left_after);
  }
  return all;
}

// What left at `step`: positions and their scores.
inline std::map<std::int64_t, float> left_at(const Departures& head, std::int32_t step) {
  std::map<std::int64_t, float> left;
  for (std::size_t j = 0; j < head.left_after.size(); ++j) {
    if (head.left_after[j] == step) left.emplace(j, head.score[j]);
  }
  return left;
}

// Whether two heads part ways, if they do, where the scores of what left differ by rounding alone.
inline bool is_same_or_near_tie(const Departures& a, const Departures& b) {
  if (a.left_after == b.left_after) return true;
  for (std::int32_t step = 0;; ++step) {
    const auto left_a = left_at(a, step);
    const auto left_b = left_at(b, step);
    float lowest = INFINITY;
    float highest = -INFINITY;
    bool is_ranked = true;
    const auto add_others = [&](const auto& left, const auto& other) {
      for (const auto& [position, score] : left) {
        if (other.count(position) > 0) continue;
        lowest = std::min(lowest, score);
        highest = std::max(highest, score);
        is_ranked = is_ranked && !std::isnan(score);
      }
    };
    add_others(left_a, left_b);
    add_others(left_b, left_a);
    if (!is_ranked) return false;
    if (highest < lowest) continue;  // the same left
    return highest - lowest <= 1e-5F * std::max(std::abs(lowest), std::abs(highest));
  }
}

// Whether a layer was decided by rounding: everything above it may then differ. Fails the test
// where the engines part ways over more than that.
inline bool expect_same_departures(const DocumentRun& replayed, const DocumentRun& decoded) {
  for (std::size_t layer = 0; layer < decoded.departures.size(); ++layer) {
    bool is_same = true;
    for (std::size_t head = 0; head < decoded.departures[layer].size(); ++head) {
      const Departures& a = replayed.departures[layer][head];
      const Departures& b = decoded.departures[layer][head];
      EXPECT_TRUE(is_same_or_near_tie(a, b)) << "layer " << layer << ", kv head " << head;
      is_same = is_same && a.left_after == b.left_after;
    }
    if (!is_same) return false;
  }
  return true;
}

}  // namespace pressroom
