#include "report/pivot/pivot_layout.h"

#include <algorithm>

#include "base/strings.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

bool contains(const std::vector<PivotAxis>& axes, PivotAxis axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

// The parts of `text` between `separator`, without blanks around them.
std::vector<std::string> parts_of(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (true) {
    const std::size_t at = text.find(separator, from);
    const std::string part = text.substr(from, at == std::string::npos ? at : at - from);
    const std::size_t first = part.find_first_not_of(' ');
    parts.push_back(first == std::string::npos
                        ? ""
                        : part.substr(first, part.find_last_not_of(' ') - first + 1));
    if (at == std::string::npos) return parts;
    from = at + separator.size();
  }
}

Error mistake(const std::string& what, const std::string& amount, const std::string& got,
              const std::string& fix) {
  return Error({what, "",
                "ROWS x COLUMNS of method, " + amount + ", dataset, context; \"/\" between several",
                got, fix});
}

PivotAxis axis_of(const std::string& word, const std::string& amount) {
  if (word == "method") return PivotAxis::kMethod;
  if (word == "dataset") return PivotAxis::kDataset;
  if (word == "context") return PivotAxis::kContext;
  if (word == amount) return PivotAxis::kAmount;
  const std::string other = amount == "budget" ? "sparsity" : "budget";
  if (word == other) {
    throw mistake("--pivot asks for an axis that the campaign does not have", amount, word,
                  "write \"" + amount + "\": that is what this campaign was given");
  }
  const std::string near = closest_match(word, {"method", amount, "dataset", "context"});
  throw mistake("--pivot asks for an unknown axis", amount, "\"" + word + "\"",
                near.empty() ? "" : "did you mean \"" + near + "\"?");
}

}  // namespace

bool PivotLayout::on_rows(PivotAxis axis) const { return contains(rows, axis); }

bool PivotLayout::has(PivotAxis axis) const { return on_rows(axis) || contains(columns, axis); }

PivotLayout parse_pivot(const std::string& text, const std::string& amount) {
  const std::string got = "\"" + text + "\"";
  const std::vector<std::string> sides = parts_of(" " + text + " ", " x ");
  if (sides.size() != 2) {
    throw mistake("--pivot needs rows and columns", amount, got,
                  "write \"method x " + amount + "\", with blanks around the x");
  }
  PivotLayout layout;
  for (std::size_t side = 0; side < 2; ++side) {
    for (const std::string& word : parts_of(sides[side], "/")) {
      if (word.empty()) {
        throw mistake(side == 0 ? "--pivot names no rows" : "--pivot names no columns", amount, got,
                      "");
      }
      const PivotAxis axis = axis_of(word, amount);
      if (layout.has(axis)) throw mistake("--pivot has " + word + " twice", amount, got, "");
      (side == 0 ? layout.rows : layout.columns).push_back(axis);
    }
  }
  return layout;
}

PivotLayout completed(const PivotLayout& layout, const std::vector<PivotAxis>& several) {
  PivotLayout whole;
  for (const PivotAxis axis :
       {PivotAxis::kDataset, PivotAxis::kContext, PivotAxis::kAmount, PivotAxis::kMethod}) {
    if (layout.has(axis) || !contains(several, axis)) continue;
    (axis == PivotAxis::kDataset ? whole.columns : whole.rows).push_back(axis);
  }
  whole.rows.insert(whole.rows.end(), layout.rows.begin(), layout.rows.end());
  whole.columns.insert(whole.columns.end(), layout.columns.begin(), layout.columns.end());
  return whole;
}

}  // namespace pressroom
