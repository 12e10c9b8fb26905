#include "report/table/standings.h"

#include <cstddef>
#include <map>
#include <tuple>

#include "report/table/summary.h"
#include "results/metric_names.h"
#include "stats/metric_summary.h"

namespace pressroom {

std::vector<bool> held_more(const std::vector<std::optional<double>>& held) {
  std::vector<bool> marked(held.size(), false);
  for (std::size_t i = 0; i < held.size(); ++i) {
    std::vector<double> peers;
    for (std::size_t j = 0; j < held.size(); ++j) {
      if (j != i && held[j]) peers.push_back(*held[j]);
    }
    if (!held[i] || peers.empty()) continue;
    // Of the others alone: one that held much would raise the bar that it is measured by.
    const auto middle = peers.begin() + static_cast<std::ptrdiff_t>((peers.size() - 1) / 2);
    std::nth_element(peers.begin(), middle, peers.end());
    marked[i] = *held[i] > KeptRange::kAlike * *middle;
  }
  return marked;
}

std::vector<bool> held_more(const std::vector<CellGroup>& groups, const std::string& baseline) {
  std::map<std::tuple<std::string, std::int64_t, double>, std::vector<std::size_t>> peers;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const CellGroup& group = groups[i];
    if (group.method == baseline) continue;
    peers[{group.dataset, group.context_tokens, group.sparsity}].push_back(i);
  }
  std::vector<bool> marked(groups.size(), false);
  for (const auto& [place, indices] : peers) {
    std::vector<std::optional<double>> held;
    for (const std::size_t i : indices) {
      const std::vector<MetricSummary> metrics = summarise_metrics(groups[i]);
      const MetricSummary* entries = find_metric(metrics, metric_names::kMeanCacheEntries);
      held.push_back(entries == nullptr ? std::nullopt : std::optional<double>(entries->mean()));
    }
    const std::vector<bool> more = held_more(held);
    for (std::size_t k = 0; k < indices.size(); ++k) marked[indices[k]] = more[k];
  }
  return marked;
}

namespace {

const Comparison* pair_of(const CellGroup& a, const CellGroup& b, const ComparisonReport& report) {
  for (const Comparison& c : report.pairwise.comparisons) {
    if (c.sparsity != a.sparsity || c.dataset != a.dataset ||
        c.context_tokens != a.context_tokens) {
      continue;
    }
    if ((c.first == a.method && c.second == b.method) ||
        (c.first == b.method && c.second == a.method)) {
      return &c;
    }
  }
  return nullptr;
}

bool has_numbers(const FigureRow& row) {
  // A suspect row repeats the baseline though entries left: it says nothing of the method.
  return row.comparison != nullptr && row.comparison->test.n > 0 &&
         row.comparison->status != ComparisonStatus::kSuspect &&
         std::isfinite(row.comparison->test.mean);
}

// Why `standing` cannot have a leader; "" when it can.
std::string refusal_of(const Standing& standing) {
  KeptRange kept;
  KeptRange held;
  for (const FigureRow* row : standing.ranked) {
    if (!has_numbers(*row)) {
      const std::string reason = row->comparison == nullptr ? "" : row->comparison->reason;
      return row->group.method + " has no result to compare" +
             (reason.empty() ? "" : " (" + reason + ")");
    }
    if (!row->group.complete()) return "cells of " + row->group.method + " are missing";
    const std::optional<double> ratio = row->number(metric_names::kKeptRatio);
    if (!ratio) return row->group.method + " has no measured kept fraction (metric cache)";
    kept.add(*ratio);
    if (const auto entries = row->number(metric_names::kMeanCacheEntries)) held.add(*entries);
  }
  // What such a row held is a mean over fewer seeds: it may have been left out wrongly.
  for (const FigureRow* row : standing.held_more) {
    if (!row->group.complete()) return "cells of " + row->group.method + " are missing";
  }
  // One that is alone because all others were left out is better than none of them.
  if (standing.ranked.size() == 1 && !standing.held_more.empty()) {
    return "every other method held over 5 % more entries on average than " +
           standing.ranked.front()->group.method;
  }
  if (!kept.alike()) {
    return "the methods kept between " + percent(kept.least) + " and " + percent(kept.most) +
           " of the entries, which does not compare like with like";
  }
  if (!held.alike()) {
    return "the methods held between " + significant(held.least, 3) + " and " +
           significant(held.most, 3) + " entries on average, which does not compare like with like";
  }
  return "";
}

void part_held_more(Standing& standing) {
  std::vector<std::optional<double>> held;
  for (const FigureRow* row : standing.rows)
    held.push_back(row->number(metric_names::kMeanCacheEntries));
  const std::vector<bool> more = held_more(held);
  for (std::size_t i = 0; i < more.size(); ++i) {
    (more[i] ? standing.held_more : standing.ranked).push_back(standing.rows[i]);
  }
}

void place(const ComparisonReport& report, Standing& standing) {
  part_held_more(standing);
  standing.refusal = refusal_of(standing);
  if (!standing.refusal.empty()) return;
  standing.leader = *std::min_element(standing.ranked.begin(), standing.ranked.end(),
                                      [](const FigureRow* a, const FigureRow* b) {
                                        return a->comparison->test.mean < b->comparison->test.mean;
                                      });
  for (const FigureRow* row : standing.ranked) {
    if (row == standing.leader) continue;
    if (beats(standing.leader->group, row->group, report)) {
      const Comparison* pair = pair_of(standing.leader->group, row->group, report);
      standing.largest_p = std::max(standing.largest_p, *pair->p_holm);
    } else {
      standing.unresolved.push_back(row);
    }
  }
}

}  // namespace

bool beats(const CellGroup& a, const CellGroup& b, const ComparisonReport& report) {
  const Comparison* pair = pair_of(a, b, report);
  // The mean is of second minus first, above zero is worse: `a` won where it stands first.
  return pair != nullptr && pair->significant() &&
         (pair->test.mean > 0) == (pair->first == a.method);
}

std::string Standing::left_out() const {
  std::vector<std::string> names;
  for (const FigureRow* row : held_more) names.push_back(row->group.method);
  const char* const verb = names.size() == 1 ? " is" : " are";
  if (names.empty()) return "";
  return "; " + listed(names) + verb + " left out, having held over 5 % more entries on average";
}

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
      standing->told = row.group.told();
    }
    standing->rows.push_back(&row);
  }
  for (Standing& standing : found) place(report, standing);
  return found;
}

}  // namespace pressroom
