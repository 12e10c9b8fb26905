#include "report/pivot/pivot_table.h"

#include <algorithm>
#include <utility>

#include "report/pivot/pivot_cells.h"
#include "report/pivot/pivot_kept.h"
#include "report/pivot/pivot_notes.h"
#include "report/pivot/pivot_places.h"
#include "report/table/table_cells.h"

namespace pressroom {
namespace {

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] += 'A' - 'a';
  return text;
}

class PivotMaker {
 public:
  PivotMaker(const ComparisonView& view, const PivotOptions& options)
      : view_(view),
        options_(options),
        rows_(figure_rows(view.merged().results, view.report())),
        values_(pivot_values(rows_, view.report().baseline, options.groups)),
        layout_(completed(options.layout, values_.several())),
        cells_(view, options, rows_, values_) {}

  PivotTable make() {
    fill_lines();
    if (layout_.on_rows(PivotAxis::kAmount)) {
      add_kept_column(table_);
    } else {
      add_kept_rows(table_);
    }
    name_measures();
    table_.baseline = values_.baseline;
    table_.change = options_.change;
    table_.heads = view_.heads();
    table_.title = title();
    const bool averages = layout_.has(PivotAxis::kDataset) && values_.datasets.size() > 1;
    table_.notes = pivot_notes(view_, table_, measures_,
                               averages ? values_.datasets : std::vector<std::string>());
    table_.failures = failures_of(view_.groups(), /*not_run=*/false);
    for (const Problem& finding : view_.report().findings) {
      table_.findings.push_back(finding.text());
    }
    return std::move(table_);
  }

 private:
  static bool is_empty(const PivotCell& cell) {
    return cell.text.number.empty() && !cell.value.value;
  }

  void fill_lines() {
    table_.row_levels = level_names(layout_.rows, values_);
    table_.column_levels = level_names(layout_.columns, values_);
    const std::vector<PivotPlace> columns = places_of(layout_.columns, values_);
    const auto kind_of = [](const PivotPlace& place) {
      return place.mean ? PivotLine::kMean : PivotLine::kMethod;
    };
    std::vector<PivotRow> rows;
    for (const PivotPlace& place : places_of(layout_.rows, values_)) {
      PivotRow row = {heads_at(place, layout_.rows, values_), kind_of(place), {}};
      for (const PivotPlace& column : columns) {
        row.cells.push_back(cells_.at(crossed(place, column, values_)));
      }
      if (std::all_of(row.cells.begin(), row.cells.end(), is_empty)) continue;
      rows.push_back(std::move(row));
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const bool any = std::any_of(rows.begin(), rows.end(),
                                   [c](const PivotRow& row) { return !is_empty(row.cells[c]); });
      if (!any) continue;
      table_.columns.push_back(
          {heads_at(columns[c], layout_.columns, values_), kind_of(columns[c])});
      shown_.push_back(c);
    }
    for (PivotRow& row : rows) {
      std::vector<PivotCell> cells;
      for (const std::size_t c : shown_) cells.push_back(std::move(row.cells[c]));
      row.cells = std::move(cells);
      table_.rows.push_back(std::move(row));
    }
  }

  std::string what(const PivotMeasure& measure) const {
    return options_.change ? "change of " + measure.name + " from " + values_.baseline
                           : measure.name;
  }

  std::string unit(const PivotMeasure& measure) const {
    return options_.change ? measure.change_unit : measure.unit;
  }

  // Collects the measures; where there are several, heads of datasets say which is theirs.
  void name_measures() {
    std::map<std::string, PivotMeasure> by_dataset;
    for (const FigureRow& row : rows_) {
      const PivotMeasure measure = cells_.measure_at(row.group.dataset, row.group.context_tokens);
      by_dataset.emplace(row.group.dataset, measure);
      if (std::find(measures_.begin(), measures_.end(), measure) == measures_.end()) {
        measures_.push_back(measure);
      }
    }
    if (measures_.size() < 2) return;
    const auto name = [&](const std::vector<std::string>& levels, std::vector<std::string>& heads) {
      for (std::size_t i = 0; i < levels.size(); ++i) {
        const auto found = by_dataset.find(heads[i]);
        if (levels[i] != "dataset" || found == by_dataset.end()) continue;
        const std::string in = unit(found->second);
        heads[i] += " (" + found->second.name + (in.empty() ? "" : ", " + in) + ")";
      }
    };
    for (PivotRow& row : table_.rows) name(table_.row_levels, row.heads);
    for (PivotColumn& column : table_.columns) name(table_.column_levels, column.heads);
  }

  std::string title() const {
    std::string text;
    for (const PivotMeasure& measure : measures_) {
      text += (text.empty() ? "" : " and ") + what(measure);
      if (measures_.size() == 1 && !unit(measure).empty()) text += " (" + unit(measure) + ")";
    }
    std::string fixed_axes;
    const auto add = [&fixed_axes](const std::string& part) {
      fixed_axes += (fixed_axes.empty() ? ": " : ", ") + part;
    };
    if (!layout_.has(PivotAxis::kDataset) && !values_.datasets.empty()) {
      add(values_.datasets.front());
    }
    if (!layout_.has(PivotAxis::kContext) && !values_.contexts.empty()) {
      add("context " + std::to_string(values_.contexts.front()));
    }
    if (!layout_.has(PivotAxis::kAmount) && !values_.amounts.empty()) {
      add(values_.amount + " " + amount_text(rows_, values_.amounts.front()));
    }
    if (!layout_.has(PivotAxis::kMethod)) add(values_.methods.back());
    // What a metric is called is a name, and stays as it is.
    const bool is_name = !options_.change && !measures_.empty() &&
                         measures_.front().judge.scale == Measure::Scale::kOwn;
    return is_name ? text + fixed_axes : capitalised(text + fixed_axes);
  }

  const ComparisonView& view_;
  const PivotOptions& options_;
  const std::vector<FigureRow> rows_;
  const PivotValues values_;
  const PivotLayout layout_;
  const PivotCells cells_;
  std::vector<PivotMeasure> measures_;
  std::vector<std::size_t> shown_;  // places of columns that are
  PivotTable table_;
};

}  // namespace

PivotTable pivot_table(const ComparisonView& view, const PivotOptions& options) {
  return PivotMaker(view, options).make();
}

}  // namespace pressroom
