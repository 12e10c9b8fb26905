// What methods kept on average, as a line of a pivot.
//
//   add_kept_rows(table);     // kept   0.10   0.25   0.50
#pragma once

#include "report/pivot/pivot_table.h"

namespace pressroom {

// A row below each band of rows - what differs in nothing but methods - of what its methods kept in
// each column. Nothing where it was not measured.
void add_kept_rows(PivotTable& table);

// The same as a column, for tables whose rows are the amounts.
void add_kept_column(PivotTable& table);

}  // namespace pressroom
