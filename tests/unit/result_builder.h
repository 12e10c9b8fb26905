// Results of made-up cells, for tests of statistics and reports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/cell.h"

namespace pressroom {

// A cell on documents d0, d1, ... of 4 targets each, with the given mean nlls. The dataset is
// "books", the context 1024; what is kept depends on method and sparsity.
inline CellResult made_cell(const std::string& method, double sparsity, std::uint64_t seed,
                            const std::vector<double>& mean_nlls) {
  CellResult result;
  result.cell.method = method;
  result.cell.sparsity = sparsity;
  result.cell.budget_tokens = static_cast<std::int64_t>(1024 * (1 - sparsity) + 1e-6);
  result.cell.dataset = "books";
  result.cell.context_tokens = 1024;
  result.cell.seed = seed;
  for (std::size_t i = 0; i < mean_nlls.size(); ++i) {
    const std::string number = std::to_string(i);
    result.documents.push_back({"d" + number + "@0",
                                "ids-" + number,
                                {1, 2, 3, 4},
                                4 * mean_nlls[i],
                                "kept-" + (sparsity == 0 ? "all" : method + number),
                                ""});
  }
  return result;
}

inline CellResult failed_cell(const std::string& method, double sparsity, std::uint64_t seed,
                              const std::string& reason) {
  CellResult result = made_cell(method, sparsity, seed, {});
  result.error = reason;
  return result;
}

inline void add_metric(CellResult& result, const std::string& name, double value,
                       const std::string& unit = "1", Direction direction = Direction::kNeither) {
  result.metrics.push_back({name, value, unit, direction, "mean"});
}

}  // namespace pressroom
