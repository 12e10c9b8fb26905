// What a method's nll is at a kept fraction between two that were run: one method, one seed, on one
// dataset and context.
//
//   const KeptCurve curve(cells);                  // the method at several sparsities
//   if (curve.spans(0.37)) curve.at(0.37, problems);
//
// The nll of each document is taken to lie on the straight line between the two nearest runs. No
// cache ever held that many entries: an interpolation is no measurement.
#pragma once

#include <cstddef>
#include <vector>

#include "pressroom/error.h"
#include "results/cell.h"

namespace pressroom {

// The aggregation of "kept_ratio" in a cell that is interpolated: how it is told from a measured
// one.
inline constexpr const char* kInterpolatedAt = "interpolated at";

class KeptCurve {
 public:
  // Takes the cells that ran and measured "kept_ratio"; they must outlive the curve.
  explicit KeptCurve(const std::vector<const CellResult*>& cells);

  std::size_t runs() const { return runs_.size(); }
  double least() const;  // kept fraction of any run; 0 without one
  double most() const;
  bool spans(double kept) const;  // a run at it, or runs on both sides

  // The cell at `kept`, which the curve spans: identity of the run below, documents with their ids,
  // hashes and targets, nothing on what caches held, metrics "perplexity", "cross_entropy" and
  // "kept_ratio". Adds to `problems` when the two runs are not on the same windows.
  CellResult at(double kept, std::vector<Problem>& problems) const;

 private:
  struct Run {
    double kept = 0;
    const CellResult* result = nullptr;
  };
  std::vector<Run> runs_;  // by ascending kept fraction
};

}  // namespace pressroom
