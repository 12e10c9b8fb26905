// A pivot in the formats of terminals, pages and papers, and its numbers for programs.
//
//   plain     aligned columns                    markdown  one pipe table, bands in bold
//   latex     one booktabs table, to be \input   csv       a row of the table a line, numbers exact
//   json      rows of cells with everything known of each
//
// Labels and messages come from campaigns: each format escapes what it would take for markup.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "report/pivot/pivot_table.h"

namespace pressroom {

// The best followed by "<", what held more by "!".
std::string pivot_plain(const PivotTable& table);

// The best in bold.
std::string pivot_markdown(const PivotTable& table);

// A floating table whose heads span their columns, with title and heads in the caption and the
// notes below, within it. Needs \usepackage{booktabs}. As wide as a column of 240 pt where it fits
// in 8 or 7 pt type, else as both (table*); scaled down where it would not fit that either, which
// needs \usepackage{graphicx}.
std::string pivot_latex(const PivotTable& table);

// The levels of the rows, then for each column its value - the change with PivotTable::change -
// the ends of its interval, p and mark ("best", "held more"). What there is none of is empty.
std::string pivot_csv(const PivotTable& table);

// {"schema": "pressroom.pivot/1", ...}: docs/schemas/pivot.schema.json.
nlohmann::ordered_json pivot_json(const PivotTable& table);

}  // namespace pressroom
