#include "report/pivot/pivot_cells.h"

#include <algorithm>
#include <cmath>

#include "report/table/standings.h"
#include "results/metric_names.h"

namespace pressroom {
namespace {

using Marks = std::map<const FigureRow*, PivotMark>;

Marks marks_of(const std::vector<FigureRow>& rows, const ComparisonReport& report) {
  Marks marks;
  for (const Standing& standing : standings(rows, report)) {
    for (const FigureRow* row : standing.held_more) marks[row] = PivotMark::kHeldMore;
    if (standing.leader == nullptr || standing.ranked.size() < 2) continue;
    // A mark on all that lost the very same says nothing.
    const bool differ =
        std::any_of(standing.ranked.begin(), standing.ranked.end(), [&](const FigureRow* row) {
          return row->comparison->test.mean != standing.leader->comparison->test.mean;
        });
    if (!differ) continue;
    marks[standing.leader] = PivotMark::kBest;
    for (const FigureRow* row : standing.unresolved) marks[row] = PivotMark::kBest;
  }
  return marks;
}

}  // namespace

PivotCells::PivotCells(const ComparisonView& view, const PivotOptions& options,
                       const std::vector<FigureRow>& rows, const PivotValues& values)
    : view_(view),
      options_(options),
      rows_(rows),
      values_(values),
      marks_(marks_of(rows, view.report())) {}

PivotMeasure PivotCells::measure_at(const std::string& dataset, std::int64_t context) const {
  if (view_.report().measure) return pivot_measure(*view_.report().measure);
  return pivot_measure(judge_of(view_.groups(), dataset, context));
}

PivotCell PivotCells::cell_of(const FigureRow& row) const {
  const PivotMeasure measure = measure_at(row.group.dataset, row.group.context_tokens);
  PivotCell cell;
  cell.baseline = row.group.method == values_.baseline;
  cell.missing = row.group.cells.empty();
  cell.value = pivot_value(row, measure);
  // A metric may leave out what it cannot compute. Where no cell has it, there is nothing to mark.
  cell.partly =
      !cell.missing && (cell.value.value ? !has_all_seeds(row, measure) : !row.group.complete());
  cell.change = pivot_change(row, measure);
  if (row.comparison != nullptr) cell.p = row.comparison->p_holm;
  cell.kept = row.number(metric_names::kKeptRatio);
  const auto mark = marks_.find(&row);
  if (mark != marks_.end()) cell.mark = mark->second;
  set_text(measure, cell);
  return cell;
}

void PivotCells::set_text(const PivotMeasure& measure, PivotCell& cell) const {
  const bool change = options_.change && !cell.baseline;
  // In percent or points; a metric's own numbers may be of any size.
  const bool is_share = measure.judge.scale == Measure::Scale::kShare ||
                        (change && measure.judge.scale == Measure::Scale::kPerplexity);
  cell.text = pivot_text(change ? cell.change : cell.value, is_share, options_.digits, change);
  if (cell.text.number.empty() && cell.missing) cell.text.number = "-";
  if (options_.change && cell.baseline && !cell.missing) {
    cell.text = {"(" + cell.text.number + ")", ""};
  }
}

PivotCell PivotCells::mean_at(PivotPlace place) const {
  PivotCell mean;
  std::vector<PivotCell> cells;
  std::optional<PivotMeasure> measure;
  for (const std::string& dataset : values_.datasets) {
    place.dataset = dataset;
    const FigureRow* row = row_at(rows_, place, values_);
    if (row == nullptr || !row->group.complete()) return {};
    const PivotMeasure own = measure_at(dataset, *place.context);
    if (measure && !(own == *measure)) return {};
    measure = own;
    cells.push_back(cell_of(*row));
    if (!cells.back().value.value || cells.back().partly) return {};
  }
  const auto mean_of = [&cells](auto number) -> std::optional<double> {
    double sum = 0;
    for (const PivotCell& cell : cells) {
      const std::optional<double> one = number(cell);
      if (!one || !std::isfinite(*one)) return {};
      sum += *one;
    }
    return sum / static_cast<double>(cells.size());
  };
  mean.baseline = cells.front().baseline;
  mean.value.value = mean_of([](const PivotCell& cell) { return cell.value.value; });
  mean.change.value = mean_of([](const PivotCell& cell) { return cell.change.value; });
  mean.kept = mean_of([](const PivotCell& cell) { return cell.kept; });
  if (mean.value.value) set_text(*measure, mean);
  return mean;
}

PivotCell PivotCells::at(const PivotPlace& place) const {
  if (place.mean) return mean_at(place);
  const FigureRow* row = row_at(rows_, place, values_);
  return row == nullptr ? PivotCell() : cell_of(*row);
}

}  // namespace pressroom
