// A figure's points as a table, for gnuplot and for spreadsheets.
//
//   series_number,x,y,y_low,y_high,pareto,series,label
//   0,0.1,14,13.5,14.5,1,h2o,"h2o, sparsity 0.9"
#pragma once

#include <string>

#include "report/figures/figure.h"

namespace pressroom {

// RFC 4180 with "\n" line ends, a header and one row a point. Numbers read back exactly; no
// interval is two empty fields; `pareto` is 0 or 1. Control characters of names are spaces, as
// gnuplot takes every line for a row. What may hold commas is last: gnuplot goes by the numbers.
std::string figure_csv(const Figure& figure);

}  // namespace pressroom
