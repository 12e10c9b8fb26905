#include "stats/kept_curve.h"

#include <algorithm>
#include <map>

#include "stats/pooled_nll.h"

namespace pressroom {
namespace {

std::vector<MetricValue> metrics_of(const std::vector<DocumentResult>& documents, double kept) {
  const PooledNll nll(documents);
  const char* pooled = "mean over all scored targets, interpolated";
  return {{"perplexity", nll.perplexity(), "1", Direction::kLowerIsBetter, pooled},
          {"cross_entropy", nll.mean(), "nats/token", Direction::kLowerIsBetter, pooled},
          {"kept_ratio", kept, "1", Direction::kNeither, kInterpolatedAt}};
}

void report_difference(const CellResult& low, const CellResult& high, const std::string& document,
                       std::vector<Problem>& problems) {
  problems.push_back({"two runs of a method are not on the same windows",
                      low.cell.dataset + ", " + low.cell.file_stem() + " and " +
                          high.cell.file_stem() + ", document " + document,
                      "the same documents, token ids and targets", "",
                      "run both again from the same dataset, tokenizer and protocol"});
}

// Documents on the line from `low` (share 0) to `high` (share 1).
std::vector<DocumentResult> mix(const CellResult& low, const CellResult& high, double share,
                                std::vector<Problem>& problems) {
  std::map<std::string, const DocumentResult*> unmet;
  for (const DocumentResult& document : high.documents) unmet.emplace(document.id, &document);
  std::vector<DocumentResult> mixed;
  for (const DocumentResult& document : low.documents) {
    const auto found = unmet.find(document.id);
    if (found == unmet.end() || found->second->ids_sha256 != document.ids_sha256 ||
        found->second->targets != document.targets) {
      report_difference(low, high, document.id, problems);
      if (found != unmet.end()) unmet.erase(found);
      continue;
    }
    mixed.push_back(document);
    mixed.back().kept_sha256.clear();
    const double rise = found->second->sum_nll_nats - document.sum_nll_nats;
    if (share > 0) mixed.back().sum_nll_nats += share * rise;
    if (share > 0) {
      mixed.back().right_answers += share * (found->second->right_answers - document.right_answers);
    }
    unmet.erase(found);
  }
  for (const auto& [id, document] : unmet) report_difference(low, high, id, problems);
  return mixed;
}

}  // namespace

KeptCurve::KeptCurve(const std::vector<const CellResult*>& cells) {
  for (const CellResult* cell : cells) {
    const MetricValue* measured = cell->metric("kept_ratio");
    if (cell->error.empty() && measured != nullptr) runs_.push_back({measured->value, cell});
  }
  std::stable_sort(runs_.begin(), runs_.end(),
                   [](const Run& a, const Run& b) { return a.kept < b.kept; });
}

double KeptCurve::least() const { return runs_.empty() ? 0 : runs_.front().kept; }

double KeptCurve::most() const { return runs_.empty() ? 0 : runs_.back().kept; }

bool KeptCurve::spans(double kept) const {
  return !runs_.empty() && least() <= kept && kept <= most();
}

CellResult KeptCurve::at(double kept, std::vector<Problem>& problems) const {
  PRESSROOM_ASSERT(spans(kept));
  const auto high =
      std::find_if(runs_.begin(), runs_.end(), [kept](const Run& run) { return run.kept >= kept; });
  const auto low = high->kept == kept ? high : high - 1;
  const double share = low == high ? 0 : (kept - low->kept) / (high->kept - low->kept);
  CellResult cell;
  cell.cell = low->result->cell;
  cell.documents = mix(*low->result, *high->result, share, problems);
  cell.metrics = metrics_of(cell.documents, kept);
  return cell;
}

}  // namespace pressroom
