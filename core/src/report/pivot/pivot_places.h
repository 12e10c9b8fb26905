// The lines of a pivot: which values of its axes each row and column stands for.
//
//   const PivotValues values = pivot_values(rows, "dense", groups);
//   for (const PivotPlace& place : places_of(layout.rows, values)) ...
//
// A cell is where a row's place and a column's meet; what neither names has one value only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/figures/figure_rows.h"
#include "report/pivot/pivot_layout.h"

namespace pressroom {

// Of every axis, in the order of the table.
struct PivotValues {
  std::string baseline;
  std::vector<std::string> methods;           // the baseline first; those of one group together
  std::map<std::string, std::string> groups;  // of methods; empty where none has one
  std::vector<double> amounts;                // ascending
  std::string amount;                         // "budget"
  bool by_budget = false;
  std::vector<std::string> datasets;
  std::vector<std::int64_t> contexts;  // ascending

  // Axes that have more than one.
  std::vector<PivotAxis> several() const;
};

PivotValues pivot_values(const std::vector<FigureRow>& rows, const std::string& baseline,
                         const std::map<std::string, std::string>& groups);

// What a row or a column stands for; absent where the axis is not on it.
struct PivotPlace {
  std::optional<std::string> method;
  std::optional<double> amount;
  std::optional<std::string> dataset;
  std::optional<std::int64_t> context;
  bool mean = false;  // over datasets
};

// Every combination of the values of `axes`, the last of them fastest; where datasets are among
// them and there are several, their mean follows.
std::vector<PivotPlace> places_of(const std::vector<PivotAxis>& axes, const PivotValues& values);

// The place of a cell: its row's, its column's, and the only value of every axis on neither.
PivotPlace crossed(const PivotPlace& row, const PivotPlace& column, const PivotValues& values);

// The result at a place that names everything: the baseline's is one for all amounts. nullptr for
// none.
const FigureRow* row_at(const std::vector<FigureRow>& rows, const PivotPlace& place,
                        const PivotValues& values);

// The names of levels: the axes, and "group" before methods that have groups.
std::vector<std::string> level_names(const std::vector<PivotAxis>& axes, const PivotValues& values);
// What the heads of a place say on these levels: {"512", "sketches", "h2o"}.
std::vector<std::string> heads_at(const PivotPlace& place, const std::vector<PivotAxis>& axes,
                                  const PivotValues& values);

}  // namespace pressroom
