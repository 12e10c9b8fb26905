// What is known of the two sides of a comparison: all that tables and files tell.
//
//   const ComparisonView view(merged, comparisons, {});
//   measured(view.second(comparison)).kept_ratio;
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/merged_campaigns.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"

namespace pressroom {

// A method at a sparsity and place, as tables and files tell of it beside its comparisons.
struct Measured {
  // exp of the mean nll over all targets of a cell, the mean over seeds: long windows weigh more.
  std::optional<double> token_weighted_ppl;
  // exp of the mean over windows of their mean nll, over all seeds: windows weigh alike, as in the
  // tests.
  std::optional<double> document_weighted_ppl;
  std::optional<double> kept_ratio;   // measured, mean over seeds
  std::optional<double> mean_held;    // entries a head, mean over steps and seeds
  std::optional<double> peak_held;    // entries of one head, at most
  std::optional<double> exact_match;  // share of right answers, mean over seeds
  bool interpolated = false;          // at this kept ratio: no measurement
};

// Nothing for nullptr: a group without results.
Measured measured(const CellGroup* group);

// Everything that is shown. `merged` and `comparisons` are borrowed.
class ComparisonView {
 public:
  ComparisonView(const MergedCampaigns& merged, const MergedReport& comparisons,
                 const std::vector<std::string>& heads);

  const MergedCampaigns& merged() const { return merged_; }
  const ComparisonReport& report() const { return comparisons_.report; }
  const Family& changes() const { return comparisons_.changes; }
  // In the order they are shown; the changes only where there are several campaigns.
  std::vector<const Family*> families() const;
  // What must be read first: "half-finished: 57 of 80 cells".
  const std::vector<std::string>& heads() const { return heads_; }
  const std::vector<CellGroup>& groups() const { return groups_; }
  // What was left out, how the campaigns differ.
  std::vector<std::string> notes() const;

  // The two sides of a comparison; nullptr where there is no result.
  const CellGroup* first(const Comparison& comparison) const;
  const CellGroup* second(const Comparison& comparison) const;

  // Cells that failed, with their reason; those that have still to be run are not among them.
  std::vector<std::string> failures() const;
  // Nothing failed and nothing contradicts itself.
  bool sound() const;

 private:
  const CellGroup* find(const std::string& method, const Comparison& comparison) const;

  const MergedCampaigns& merged_;
  const MergedReport& comparisons_;
  const std::vector<std::string> heads_;
  const std::vector<CellGroup> groups_;
};

}  // namespace pressroom
