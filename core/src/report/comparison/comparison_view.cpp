#include "report/comparison/comparison_view.h"

#include <cmath>

#include "results/metric_names.h"
#include "stats/interpolate.h"
#include "stats/metric_summary.h"

namespace pressroom {
Measured measured(const CellGroup* group) {
  Measured result;
  if (group == nullptr) return result;
  long double ppl = 0;
  long double of_documents = 0;
  std::size_t cells = 0;
  std::size_t documents = 0;
  for (const CellResult* cell : group->cells) {
    const PooledNll nll(cell->documents);
    if (nll.targets == 0) continue;
    ppl += nll.perplexity();
    ++cells;
    for (const DocumentResult& document : cell->documents) {
      if (document.targets.empty()) continue;
      of_documents += document.mean_nll_nats();
      ++documents;
    }
  }
  if (cells > 0) {
    result.token_weighted_ppl = static_cast<double>(ppl / static_cast<long double>(cells));
    result.document_weighted_ppl =
        std::exp(static_cast<double>(of_documents / static_cast<long double>(documents)));
  }
  const std::vector<MetricSummary> metrics = summarise_metrics(*group);
  const MetricSummary* kept = find_metric(metrics, metric_names::kKeptRatio);
  if (kept != nullptr) {
    result.kept_ratio = kept->mean();
    result.interpolated = kept->metric.aggregation == kInterpolatedAt;
  }
  const MetricSummary* held = find_metric(metrics, metric_names::kMeanCacheEntries);
  const MetricSummary* peak = find_metric(metrics, metric_names::kPeakCacheEntries);
  if (held != nullptr) result.mean_held = held->mean();
  if (peak != nullptr) result.peak_held = peak->largest();
  result.exact_match = exact_match(*group);
  return result;
}

ComparisonView::ComparisonView(const MergedCampaigns& merged, const MergedReport& comparisons,
                               const std::vector<std::string>& heads)
    : merged_(merged),
      comparisons_(comparisons),
      heads_(heads),
      groups_(group_cells(merged.results, comparisons.report.baseline)) {}

const CellGroup* ComparisonView::find(const std::string& method,
                                      const Comparison& comparison) const {
  for (const CellGroup& group : groups_) {
    if (group.method == method && group.dataset == comparison.dataset &&
        group.context_tokens == comparison.context_tokens &&
        group.sparsity == comparison.sparsity) {
      return &group;
    }
  }
  return nullptr;
}

const CellGroup* ComparisonView::first(const Comparison& comparison) const {
  const CellGroup* other = second(comparison);
  return other == nullptr ? nullptr : baseline_of(*other, groups_, comparison.first);
}

const CellGroup* ComparisonView::second(const Comparison& comparison) const {
  return find(comparison.second, comparison);
}

std::vector<const Family*> ComparisonView::families() const {
  std::vector<const Family*> families = {&report().to_baseline};
  if (merged_.names.size() > 1) families.push_back(&changes());
  families.push_back(&report().pairwise);
  return families;
}

std::vector<std::string> ComparisonView::notes() const {
  std::vector<std::string> notes = merged_.notes;
  notes.insert(notes.end(), comparisons_.notes.begin(), comparisons_.notes.end());
  return notes;
}

std::vector<std::string> ComparisonView::failures() const {
  std::vector<std::string> failures;
  for (const CellGroup& group : groups_) {
    for (const Gap& gap : group.gaps) {
      if (gap.reason == kNotRun) continue;
      failures.push_back(group.where() + ", seed " + std::to_string(gap.seed) + ": " + gap.reason);
    }
  }
  return failures;
}

bool ComparisonView::sound() const {
  if (!report().findings.empty() || !failures().empty()) return false;
  for (const Family* family : families()) {
    for (const Comparison& comparison : family->comparisons) {
      if (comparison.status == ComparisonStatus::kSuspect) return false;
    }
  }
  return true;
}

}  // namespace pressroom
