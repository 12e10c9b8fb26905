// Methods at equal measured compression, read off their curves.
//
//   const Interpolated at = interpolated_at(results, "dense", "kvzap");
//   compare(at.results);             // every method at what kvzap kept
//   for (const NotBracketed& gap : at.not_bracketed) ...
//
// A method with a threshold keeps what it keeps; a method with a budget what it is told. Where a
// campaign ran the latter at several sparsities, this gives its nll at the former's kept fraction,
// document by document, on the straight line between the two nearest runs.
//
// AN INTERPOLATION IS NO MEASUREMENT. No cache ever held that many entries, and curves bend where
// methods break down. It reads an existing sweep; `match` in a config measures.
//
// A KeptCurve is one method's line; interpolated_at() takes a campaign's methods to one place on
// theirs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "results/cell.h"

namespace pressroom {

// The aggregation of "kept_ratio" in a cell that is interpolated: how it is told from a measured
// one.
inline constexpr const char* kInterpolatedAt = "interpolated at";

// What a method's nll is at a kept fraction between two that were run: one method, one seed, on one
// dataset and context.
//
//   const KeptCurve curve(cells);                  // the method at several sparsities
//   if (curve.spans(0.37)) curve.at(0.37, problems);
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

// A method whose runs do not lie on both sides of the kept fraction asked for.
struct NotBracketed {
  std::string method;
  std::string dataset;
  std::int64_t context_tokens = 0;
  std::uint64_t seed = 0;
  double asked = 0;  // fraction that `to` kept
  double least = 0;  // and the range of what the method kept; both 0 without a measurement
  double most = 0;
  std::size_t runs = 0;  // that have a measured kept fraction

  // "h2o kept 0.25 to 0.50 of the entries, not 0.61 (pg19, context 1024, seed 42)".
  std::string text() const;
};

struct Interpolated {
  std::vector<CellResult> results;  // of `baseline`, `to`, and the methods that could be read off
  std::vector<NotBracketed> not_bracketed;  // never extrapolated
};

// For each dataset, context and seed: the baseline's cell as it is, that of method `to`, and one of
// every other method at the kept fraction r that `to` measured for that seed (metric "kept_ratio").
// The latter two carry the sparsity 1 - r, r averaged over seeds, to 4 decimals: one group of cells
// a method. What an interpolated cell holds is said at KeptCurve::at.
//
// A method is left out of a dataset and context, with a note, where it cannot be read off for every
// seed. Failures are passed on at the new sparsity: of `to`, which leaves nothing to compare at,
// and of a method that cannot be read off without the cell that failed.
//
// Throws Error when `to` has no results, several sparsities in one place, or no "kept_ratio", and
// when the two runs to interpolate between are not on the same windows.
Interpolated interpolated_at(const std::vector<CellResult>& results, const std::string& baseline,
                             const std::string& to);

}  // namespace pressroom
