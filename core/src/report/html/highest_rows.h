// The rows that stand for a campaign's methods where the page has room for one each.
//
//   for (const FigureRow* row : highest_rows(content, "books", has_curve)) show(*row);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/html/page.h"

namespace pressroom {

// Of each method but the baseline, in their order, the row on `dataset` with the largest context,
// and of these the highest sparsity, among those for which `has` is true of some cell.
std::vector<const FigureRow*> highest_rows(const ReportContent& content, const std::string& dataset,
                                           const std::function<bool(const CellResult&)>& has);

}  // namespace pressroom
