// Groups of cells as points of figures.
//
//   add_point(row, 0.1, 13.9, {true, true}, figure);   // into the series of the row's method
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/figures/figure.h"
#include "report/figures/figure_rows.h"

namespace pressroom {

// A metric as an axis, in `divisor` units.
struct Quantity {
  const char* metric;
  const char* id;
  const char* name;   // "Perplexity": begins titles
  const char* title;  // of the axis
  Better better;
  double divisor;

  std::optional<double> of(const FigureRow& row) const {
    const std::optional<double> value = row.number(metric);
    return value ? std::optional<double>(*value / divisor) : std::nullopt;
  }
};

inline constexpr Quantity kPerplexity = {"perplexity", "ppl",          "Perplexity",
                                         "perplexity", Better::kLower, 1};

// How to read the intervals of perplexities, a sentence with a blank before it.
extern const char* const kIntervalNote;

struct PointLooks {
  bool interval = false;  // y is a perplexity: with the interval of the comparison around it
  bool joined = true;     // of the series, where the point begins one
};

// Adds a point to the series of the row's method.
void add_point(const FigureRow& row, double x, double y, const PointLooks& looks, Figure& figure);

// Puts the points of joined series in order, and makes an axis logarithmic where its numbers are
// all above zero and span more than a factor of 12.
void sort_joined(Figure& figure);
bool is_wide(const Figure& figure, double FigurePoint::*coordinate);

std::size_t points_of(const Figure& figure);

// The row of the baseline in a setting: that of `sparsity`, else its only one; nullptr for none.
const FigureRow* baseline_row(const std::vector<FigureRow>& rows, const Setting& setting,
                              const std::string& baseline, std::optional<double> sparsity);

// What the reference line of a perplexity stands at; absent where the baseline has no result, or
// several.
std::optional<double> baseline_perplexity(const std::vector<FigureRow>& rows,
                                          const Setting& setting, const std::string& baseline);

}  // namespace pressroom
