// Two groups of cells, document by document.
#pragma once

#include <string>
#include <vector>

#include "pressroom/error.h"
#include "stats/cell_groups.h"
#include "stats/pair_tests.h"

namespace pressroom {

struct Pairing {
  // `second` minus `first`, one per distinct window. A window that several seeds drew is one unit,
  // the mean over those seeds: repeating a measurement does not make it two.
  std::vector<PairedUnit> units;
  std::vector<double> nll;  // of the same: differences of the mean nll, whatever is judged by
  // Token-weighted perplexities by ascending seed, the same seeds in both.
  std::vector<double> first_ppl;
  std::vector<double> second_ppl;
  std::string partial;            // "2 of 3 seeds", "" for all
  std::string incomplete;         // why the groups cannot be compared; "" when they can
  std::vector<Problem> problems;  // documents that are not the same text or not the same targets
  bool same_nll = false;          // bit-equal on every document
  double largest_nll = 0;         // size of a document's difference of the mean nll
  bool kept_known = false;        // both say what every document's cache held at the end
  bool kept_differs = false;      // and it is not the same on every document

  // The same result twice, on two engines perhaps: nothing but rounding tells them apart.
  bool equal() const {
    return !units.empty() && kept_known && !kept_differs && largest_nll <= kEngineTolerance;
  }
};

// Pairs the documents of equal seed and id. A cell or document that only one side has, or a nll
// that is not finite, makes the pairing incomplete: it is never left out of an average. Documents
// of one id with other token ids or other targets are problems.
// Judged by answers, a document that asks nothing is no unit; by a metric, one that has no value on
// both sides. A side that lacks the metric, its values by document or one of them is incomplete.
// With `partial`, seeds that either side has still to be run for (kNotRun) are left out of both.
Pairing pair_documents(const CellGroup& first, const CellGroup& second, bool partial = false,
                       const Measure& judge = {});

// The sums of the nll of every document, by seed and id: equal for groups with the same results.
std::vector<double> nll_signature(const CellGroup& group);

// True when the cells count evicted entries (metric "discarded") and any has some.
bool counts_evictions(const CellGroup& group);

}  // namespace pressroom
