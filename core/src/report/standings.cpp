#include "report/standings.h"

#include <algorithm>
#include <cmath>

#include "report/summary_words.h"

namespace pressroom {
namespace {

constexpr double kEqualKept = 1.05;  // largest over least kept ratio that still compares like

const Comparison* pair_of(const FigureRow& a, const FigureRow& b, const ComparisonReport& report) {
  for (const Comparison& c : report.pairwise.comparisons) {
    if (c.sparsity != a.group.sparsity || c.dataset != a.group.dataset ||
        c.context_tokens != a.group.context_tokens) {
      continue;
    }
    if ((c.first == a.group.method && c.second == b.group.method) ||
        (c.first == b.group.method && c.second == a.group.method)) {
      return &c;
    }
  }
  return nullptr;
}

bool has_numbers(const FigureRow& row) {
  return row.comparison != nullptr && row.comparison->test.n > 0 &&
         row.comparison->status != ComparisonStatus::kSuspect &&
         std::isfinite(row.comparison->test.mean);
}

// Why `standing` cannot have a leader; "" when it can.
std::string refusal_of(const Standing& standing) {
  double least = INFINITY;
  double most = 0;
  for (const FigureRow* row : standing.rows) {
    if (!has_numbers(*row)) {
      const std::string reason = row->comparison == nullptr ? "" : row->comparison->reason;
      return row->group.method + " has no result to compare" +
             (reason.empty() ? "" : " (" + reason + ")");
    }
    if (!row->group.complete()) return "cells of " + row->group.method + " are missing";
    const std::optional<double> kept = row->number("kept_ratio");
    if (!kept) continue;
    least = std::min(least, *kept);
    most = std::max(most, *kept);
  }
  if (most > kEqualKept * least) {
    return "the methods kept between " + percent(least) + " and " + percent(most) +
           " of the entries, which does not compare like with like";
  }
  return "";
}

void place(const ComparisonReport& report, Standing& standing) {
  standing.refusal = refusal_of(standing);
  if (!standing.refusal.empty()) return;
  standing.leader = *std::min_element(standing.rows.begin(), standing.rows.end(),
                                      [](const FigureRow* a, const FigureRow* b) {
                                        return a->comparison->test.mean < b->comparison->test.mean;
                                      });
  for (const FigureRow* row : standing.rows) {
    if (row == standing.leader) continue;
    const Comparison* pair = pair_of(*standing.leader, *row, report);
    const bool led = pair != nullptr && pair->significant() &&
                     (pair->test.mean > 0) == (pair->first == standing.leader->group.method);
    if (led) {
      standing.largest_p = std::max(standing.largest_p, *pair->p_holm);
    } else {
      standing.unresolved.push_back(row);
    }
  }
}

}  // namespace

std::vector<Standing> standings(const std::vector<FigureRow>& rows,
                                const ComparisonReport& report) {
  std::vector<Standing> found;
  for (const FigureRow& row : rows) {
    if (row.group.method == report.baseline) continue;
    auto standing = std::find_if(found.begin(), found.end(), [&row](const Standing& r) {
      return r.setting.holds(row) && r.sparsity == row.group.sparsity;
    });
    if (standing == found.end()) {
      found.push_back({});
      standing = found.end() - 1;
      standing->setting = {row.group.dataset, row.group.context_tokens};
      standing->sparsity = row.group.sparsity;
    }
    standing->rows.push_back(&row);
  }
  for (Standing& standing : found) place(report, standing);
  return found;
}

}  // namespace pressroom
