#include "report/pivot/pivot_heads.h"

#include <algorithm>

namespace pressroom {
namespace {

// Names of methods, groups and datasets need no word before them; numbers do.
std::string spelt_out(const std::string& level, const std::string& value) {
  const bool is_number = level == "context" || level == "budget" || level == "sparsity";
  return is_number && !value.empty() && value != "kept" ? level + " " + value : value;
}

bool same_above(const std::vector<std::string>& a, const std::vector<std::string>& b,
                std::size_t level) {
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(level) + 1, b.begin());
}

}  // namespace

std::vector<PivotSpan> spans_of(const PivotTable& table, std::size_t level) {
  std::vector<PivotSpan> spans;
  const bool innermost = level + 1 == table.column_levels.size();
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::vector<std::string>& heads = table.columns[c].heads;
    const bool goes_on =
        !innermost && c > 0 && same_above(heads, table.columns[c - 1].heads, level);
    if (goes_on) {
      ++spans.back().columns;
      continue;
    }
    spans.push_back({heads[level], c, 1});
  }
  return spans;
}

std::string band_title(const PivotTable& table, std::size_t r) {
  const std::vector<std::string>& heads = table.rows[r].heads;
  if (heads.size() < 2 || table.rows[r].kind == PivotLine::kKept) return "";
  if (r > 0 && same_above(heads, table.rows[r - 1].heads, heads.size() - 2)) return "";
  std::string title;
  for (std::size_t level = 0; level + 1 < heads.size(); ++level) {
    const std::string part = spelt_out(table.row_levels[level], heads[level]);
    if (!part.empty()) title += (title.empty() ? "" : ", ") + part;
  }
  return title;
}

std::string row_head(const PivotTable& table, const PivotRow& row) {
  return spelt_out(table.row_levels.back(), row.heads.back());
}

bool begins_part(const PivotTable& table, std::size_t r) {
  if (r == 0) return false;
  return table.rows[r].kind != table.rows[r - 1].kind || !band_title(table, r).empty();
}

}  // namespace pressroom
