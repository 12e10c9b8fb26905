#include "report/pivot/pivot_kept.h"

#include <algorithm>
#include <utility>

#include "base/number_text.h"
#include "report/table/standings.h"

namespace pressroom {
namespace {

std::string two_places(double value) {
  return value < 0.0095 ? significant(value, 2) : fixed(value, 2);
}

// What the methods in `cells` kept - the baseline where there is nothing else: the mean as the
// value, shown as "0.10", or as "0.10-0.25" where they are not alike.
PivotCell kept_cell(const std::vector<const PivotCell*>& cells) {
  const bool alone = std::all_of(cells.begin(), cells.end(), [](const PivotCell* cell) {
    return cell->baseline || !cell->kept;
  });
  KeptRange range;
  double sum = 0;
  double count = 0;
  for (const PivotCell* one : cells) {
    if (!one->kept || (one->baseline && !alone)) continue;
    range.add(*one->kept);
    sum += *one->kept;
    ++count;
  }
  PivotCell cell;
  if (count == 0) return cell;
  cell.value.value = sum / count;
  cell.text.number = range.alike() ? two_places(sum / count)
                                   : two_places(range.least) + "-" + two_places(range.most);
  return cell;
}

// What rows have in common that one line of kept fractions is of: all levels but the last and
// those of methods.
std::vector<std::string> band_of(const PivotRow& row, const PivotTable& table) {
  std::vector<std::string> band = row.heads;
  for (std::size_t i = 0; i < band.size(); ++i) {
    const std::string& level = table.row_levels[i];
    if (i + 1 == band.size() || level == "method" || level == "group") band[i].clear();
  }
  return band;
}

}  // namespace

void add_kept_column(PivotTable& table) {
  bool any = false;
  for (PivotRow& row : table.rows) {
    std::vector<const PivotCell*> cells;
    for (const PivotCell& cell : row.cells) cells.push_back(&cell);
    PivotCell kept = kept_cell(cells);
    any = any || !kept.text.number.empty();
    row.cells.push_back(std::move(kept));
  }
  PivotColumn column = {std::vector<std::string>(table.column_levels.size()), PivotLine::kKept};
  if (!column.heads.empty()) column.heads.back() = "kept";
  table.columns.push_back(column);
  if (any) return;
  table.columns.pop_back();
  for (PivotRow& row : table.rows) row.cells.pop_back();
}

void add_kept_rows(PivotTable& table) {
  std::vector<PivotRow> rows;
  for (std::size_t first = 0; first < table.rows.size();) {
    const std::vector<std::string> band = band_of(table.rows[first], table);
    std::size_t last = first;
    while (last < table.rows.size() && band_of(table.rows[last], table) == band) ++last;
    PivotRow kept = {band, PivotLine::kKept, {}};
    kept.heads.back() = "kept";
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      std::vector<const PivotCell*> cells;
      for (std::size_t r = first; r < last; ++r) cells.push_back(&table.rows[r].cells[c]);
      kept.cells.push_back(kept_cell(cells));
    }
    const bool any = std::any_of(kept.cells.begin(), kept.cells.end(),
                                 [](const PivotCell& cell) { return !cell.text.number.empty(); });
    for (; first < last; ++first) rows.push_back(std::move(table.rows[first]));
    if (any) rows.push_back(std::move(kept));
  }
  table.rows = std::move(rows);
}

}  // namespace pressroom
