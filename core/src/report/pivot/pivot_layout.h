// Which axes of a campaign are the rows of a pivot, and which its columns.
//
//   const PivotLayout layout = parse_pivot("method x budget", "budget");
//   layout.rows;      // {kMethod}
//   layout.columns;   // {kAmount}
//   parse_pivot("method x budget/dataset", "budget").columns;   // {kAmount, kDataset}: outer first
//
// What is not named and has several values is put outside of what is: datasets beside each other,
// all else below each other, as bands.
#pragma once

#include <string>
#include <vector>

namespace pressroom {

enum class PivotAxis {
  kContext,
  kDataset,
  kAmount,  // sparsity, or budget where the campaign gives these
  kMethod,
};

struct PivotLayout {
  std::vector<PivotAxis> rows;  // outermost first
  std::vector<PivotAxis> columns;

  bool has(PivotAxis axis) const;
  bool on_rows(PivotAxis axis) const;
};

// "ROWS x COLUMNS", each an axis - method, dataset, context and `amount`, which is "budget" or
// "sparsity" - or several with "/" between them, the outermost first. Throws Error for an axis that
// there is none of, is named twice, or is missing.
PivotLayout parse_pivot(const std::string& text, const std::string& amount);

// `layout` with `several` put in, the axes that have more than one value: those it does not name
// are outermost, datasets on the columns and the others on the rows.
PivotLayout completed(const PivotLayout& layout, const std::vector<PivotAxis>& several);

}  // namespace pressroom
