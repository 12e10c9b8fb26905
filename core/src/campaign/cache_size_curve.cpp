#include "campaign/cache_size_curve.h"

#include <algorithm>
#include <numeric>

namespace pressroom {
namespace {

constexpr std::size_t kMaxPoints = 64;

double heads_of(const DocumentRun& run) {
  std::size_t heads = 0;
  for (const auto& layer : run.kept) heads += layer.size();
  return static_cast<double>(heads);
}

void add_sizes(const std::vector<DocumentRun>& runs, const DocumentRun& longest,
               CacheSizeCurve& curve) {
  const std::size_t steps = longest.entries_per_step.size();
  const std::size_t points = std::min(kMaxPoints, steps);
  std::vector<std::int64_t> fed(steps);
  std::partial_sum(longest.tokens_per_step.begin(), longest.tokens_per_step.end(), fed.begin());
  for (std::size_t point = 0; point < points; ++point) {
    const std::size_t step = points == 1 ? 0 : point * (steps - 1) / (points - 1);
    double sum = 0;
    double counted = 0;
    for (const DocumentRun& run : runs) {
      if (step >= run.entries_per_step.size()) continue;
      sum += static_cast<double>(run.entries_per_step[step]) / heads_of(run);
      ++counted;
    }
    curve.tokens_fed.push_back(fed[step]);
    curve.entries_per_head.push_back(sum / counted);
  }
}

void add_kept(const std::vector<DocumentRun>& runs, CacheSizeCurve& curve) {
  for (const auto& layer : runs.front().kept) curve.kept.emplace_back(layer.size(), 0.0);
  for (const DocumentRun& run : runs) {
    const auto seen = static_cast<double>(
        std::accumulate(run.tokens_per_step.begin(), run.tokens_per_step.end(), std::int64_t{0}));
    for (std::size_t layer = 0; layer < run.kept.size(); ++layer) {
      for (std::size_t head = 0; head < run.kept[layer].size(); ++head) {
        curve.kept[layer][head] += static_cast<double>(run.kept[layer][head].size()) /
                                   (seen * static_cast<double>(runs.size()));
      }
    }
  }
}

}  // namespace

CacheSizeCurve size_curve_of(const std::vector<DocumentRun>& runs) {
  CacheSizeCurve curve;
  if (runs.empty() || runs.front().evictions.empty()) return curve;
  const auto longest =
      std::max_element(runs.begin(), runs.end(), [](const DocumentRun& a, const DocumentRun& b) {
        return a.entries_per_step.size() < b.entries_per_step.size();
      });
  add_sizes(runs, *longest, curve);
  add_kept(runs, curve);
  return curve;
}

}  // namespace pressroom
