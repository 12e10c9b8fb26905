#include "report/comparison_view.h"

#include <cmath>

#include "stats/metric_summary.h"

namespace pressroom {
namespace {

// Mean nll over the targets of one cell; absent when it has none.
std::optional<double> mean_over_targets(const CellResult& cell) {
  long double sum = 0;
  std::size_t targets = 0;
  for (const DocumentResult& document : cell.documents) {
    sum += document.sum_nll_nats;
    targets += document.targets.size();
  }
  if (targets == 0) return std::nullopt;
  return static_cast<double>(sum / static_cast<long double>(targets));
}

}  // namespace

Measured measured(const CellGroup* group) {
  Measured result;
  if (group == nullptr) return result;
  long double ppl = 0;
  long double of_documents = 0;
  std::size_t cells = 0;
  std::size_t documents = 0;
  for (const CellResult* cell : group->cells) {
    const std::optional<double> mean = mean_over_targets(*cell);
    if (!mean) continue;
    ppl += std::exp(*mean);
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
  const MetricSummary* kept = find_metric(metrics, "kept_ratio");
  if (kept != nullptr) result.kept_ratio = kept->mean();
  return result;
}

ComparisonView::ComparisonView(const Across& across, const AcrossReport& comparisons,
                               const std::vector<std::string>& heads)
    : across_(across),
      comparisons_(comparisons),
      heads_(heads),
      groups_(group_cells(across.results, comparisons.report.baseline)) {}

const CellGroup* ComparisonView::find(const std::string& method, std::optional<double> sparsity,
                                      const Comparison& comparison) const {
  for (const CellGroup& group : groups_) {
    if (group.method == method && group.dataset == comparison.dataset &&
        group.context_tokens == comparison.context_tokens &&
        (!sparsity || group.sparsity == *sparsity)) {
      return &group;
    }
  }
  return nullptr;
}

const CellGroup* ComparisonView::first(const Comparison& comparison) const {
  // The baseline is what it is at whatever sparsity the other has.
  const bool is_baseline = comparison.first == report().baseline;
  return find(comparison.first,
              is_baseline ? std::nullopt : std::optional<double>(comparison.sparsity), comparison);
}

const CellGroup* ComparisonView::second(const Comparison& comparison) const {
  return find(comparison.second, comparison.sparsity, comparison);
}

std::vector<const Family*> ComparisonView::families() const {
  std::vector<const Family*> families = {&report().to_baseline};
  if (across_.names.size() > 1) families.push_back(&changes());
  families.push_back(&report().pairwise);
  return families;
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
