#include "report/html/highest_rows.h"

#include <algorithm>
#include <utility>

namespace pressroom {

std::vector<const FigureRow*> highest_rows(const ReportContent& content, const std::string& dataset,
                                           const std::function<bool(const CellResult&)>& has) {
  std::vector<const FigureRow*> chosen;
  for (const std::string& method : content.methods) {
    if (method == content.report.baseline) continue;
    const FigureRow* best = nullptr;
    for (const FigureRow& row : content.rows) {
      if (row.group.method != method || row.group.dataset != dataset) continue;
      if (!std::any_of(row.group.cells.begin(), row.group.cells.end(),
                       [&](const CellResult* cell) { return has(*cell); })) {
        continue;
      }
      const auto weight = [](const FigureRow& r) {
        return std::make_pair(r.group.context_tokens, r.group.sparsity);
      };
      if (best == nullptr || weight(row) > weight(*best)) best = &row;
    }
    if (best != nullptr) chosen.push_back(best);
  }
  return chosen;
}

}  // namespace pressroom
