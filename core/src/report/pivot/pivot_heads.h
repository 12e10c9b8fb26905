// The heads of a pivot as tables show them: one line a level, and a title above each band of rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/pivot/pivot_table.h"

namespace pressroom {

// Columns next to each other under one head.
struct PivotSpan {
  std::string text;
  std::size_t first = 0;
  std::size_t columns = 0;
};

// The heads of a level, from left to right; the innermost has one a column. The level's name
// belongs in the corner beside them.
std::vector<PivotSpan> spans_of(const PivotTable& table, std::size_t level);

// What the band of row `r` is called where one begins: "context 512", "context 512, sketches"; ""
// within a band.
std::string band_title(const PivotTable& table, std::size_t r);

// The head of a row: "h2o", "budget 64".
std::string row_head(const PivotTable& table, const PivotRow& row);

// Whether a line is to be drawn above row `r`: before kept fractions and means, and where a band
// ends.
bool begins_part(const PivotTable& table, std::size_t r);

}  // namespace pressroom
