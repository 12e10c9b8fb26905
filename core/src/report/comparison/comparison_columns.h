// The columns of a table of comparisons, and a row of it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/comparison/comparison_view.h"
#include "report/table/results_table.h"

namespace pressroom {

// What there is to show, and so which columns.
struct ShownColumns {
  bool nll = true;  // something is judged by it
  bool answers = false;
  bool held = false;  // entries on average were measured: the column kHeldColumn
  bool interpolated = false;
  std::string told;  // "sparsity", "budget"
};

constexpr std::size_t kHeldColumn = 3;

ShownColumns shown_columns(const ComparisonView& view);

// `first`: the header of the names.
std::vector<TableColumn> comparison_columns(const std::string& first, const ShownColumns& shown);

// The row of `second`; of both sides where `first` is given. `c` is nullptr for a baseline, whose
// row ends with what was measured.
std::vector<TableCell> comparison_row(const std::string& name, const Comparison* c,
                                      const CellGroup* first, const CellGroup& second,
                                      const ShownColumns& shown, double margin);

}  // namespace pressroom
