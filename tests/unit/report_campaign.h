// A small campaign with everything measured, for the tests of the report.
#pragma once

#include <string>
#include <vector>

#include "result_builder.h"
#include "text_search.h"

namespace pressroom {

inline CellResult fully_measured(CellResult cell, double perplexity, double kept, double speed) {
  add_metric(cell, "perplexity", perplexity, "1", Direction::kLowerIsBetter);
  add_metric(cell, "kept_ratio", kept);
  add_metric(cell, "tokens_per_second", speed, "tokens/s", Direction::kHigherIsBetter);
  add_metric(cell, "kv_bytes_peak", 28e6 * kept, "bytes", Direction::kLowerIsBetter);
  cell.content_key = std::string(64, 'a');
  cell.size_curve.kept = {{kept, kept / 2}, {0, 1}};
  return cell;
}

// Six documents. Against dense: h2o loses 0.01 on average, cab 0.2; cab loses against h2o.
inline std::vector<CellResult> report_campaign() {
  std::vector<double> dense, h2o, cab;
  for (int i = 0; i < 6; ++i) {
    dense.push_back(2 + 0.1 * i);
    h2o.push_back(dense.back() + 0.01 + 0.001 * (i % 2 ? 1 : -1));
    cab.push_back(dense.back() + 0.2 + 0.002 * (i % 3 - 1));
  }
  return {fully_measured(made_cell("dense", 0, 42, dense), 9.5, 1, 100),
          fully_measured(made_cell("h2o", 0.9, 42, h2o), 9.6, 0.1, 125),
          fully_measured(made_cell("cab", 0.9, 42, cab), 11.6, 0.1, 80)};
}

}  // namespace pressroom
