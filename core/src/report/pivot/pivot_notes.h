// What stands under a pivot: how its numbers and marks are to be read, one sentence or two a line.
#pragma once

#include <string>
#include <vector>

#include "report/comparison/comparison_view.h"
#include "report/pivot/pivot_table.h"

namespace pressroom {

// `table` is whole but for its notes; `measures` are those that it shows, and `datasets` what its
// means are over.
std::vector<std::string> pivot_notes(const ComparisonView& view, const PivotTable& table,
                                     const std::vector<PivotMeasure>& measures,
                                     const std::vector<std::string>& datasets);

// How the note on what is best begins: as plain text marks it.
inline constexpr const char* kBestNote = "best (<)";

// The notes as LaTeX and Markdown have them, which set what is best in bold.
std::vector<std::string> notes_with_bold(const PivotTable& table);

}  // namespace pressroom
