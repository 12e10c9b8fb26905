#include "stats/groups_to_compare.h"

#include <algorithm>
#include <set>
#include <utility>

namespace pressroom {
namespace {

// The groups of places where some cell tells of `measure`; adds those without to `left_out`.
std::vector<CellGroup> with_measure(std::vector<CellGroup> groups, const Measure& measure,
                                    std::vector<std::string>& left_out) {
  using Place = std::pair<std::string, std::int64_t>;
  std::set<Place> told;
  for (const CellGroup& group : groups) {
    const bool is_told =
        std::any_of(group.cells.begin(), group.cells.end(),
                    [&measure](const CellResult* cell) { return measure.is_in(*cell); });
    if (is_told) told.insert({group.dataset, group.context_tokens});
  }
  std::vector<CellGroup> kept;
  for (CellGroup& group : groups) {
    if (told.count({group.dataset, group.context_tokens}) > 0) {
      kept.push_back(std::move(group));
      continue;
    }
    const std::string place = group.place();
    if (left_out.empty() || left_out.back() != place) left_out.push_back(place);
  }
  return kept;
}

}  // namespace

std::vector<CellGroup> groups_to_compare(const std::vector<CellResult>& results,
                                         const CompareOptions& options, ComparisonReport& report) {
  std::vector<CellGroup> groups = group_cells(results, options.baseline);
  if (options.metric.empty()) return groups;
  report.measure = measure_named(results, options.metric);
  return with_measure(std::move(groups), *report.measure, report.left_out);
}

}  // namespace pressroom
