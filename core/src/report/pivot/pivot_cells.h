// The cells of a pivot, by their places.
//
//   const PivotCells cells(view, options, rows, values);
//   cells.at(crossed(row, column, values)).text.number;   // "26.98"
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "report/pivot/pivot_places.h"
#include "report/pivot/pivot_table.h"

namespace pressroom {

// Everything is borrowed; `rows` are those of the view.
class PivotCells {
 public:
  PivotCells(const ComparisonView& view, const PivotOptions& options,
             const std::vector<FigureRow>& rows, const PivotValues& values);

  // An empty cell where nothing was planned. A mean is over all datasets, and empty unless each has
  // a number of one measure, with all of its seeds.
  PivotCell at(const PivotPlace& place) const;

  // What methods are judged by there.
  PivotMeasure measure_at(const std::string& dataset, std::int64_t context) const;

 private:
  PivotCell cell_of(const FigureRow& row) const;
  PivotCell mean_at(PivotPlace place) const;
  void set_text(const PivotMeasure& measure, PivotCell& cell) const;

  const ComparisonView& view_;
  const PivotOptions& options_;
  const std::vector<FigureRow>& rows_;
  const PivotValues& values_;
  const std::map<const FigureRow*, PivotMark> marks_;
};

}  // namespace pressroom
