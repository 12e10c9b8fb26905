// Several campaigns, compared as if they were one: on the windows they have in common.
//
//   const MergedCampaigns both = merge_campaigns({read_campaign("results/A"),
//                                                 read_campaign("results/B")});
//   const MergedReport report = compare(both, CompareOptions());
//   report.changes;   // "h2o [A]_vs_h2o [B]_s0.9": what changed from A to B
//   both.notes;       // what was left out, and how the campaigns differ
//
// A method that several campaigns ran is told apart by its campaign: "h2o [B]". The reference is
// the baseline of the first campaign.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/cell.h"
#include "results/stored_campaign.h"
#include "stats/comparison.h"

namespace pressroom {

// Where the method called `label` comes from.
struct Origin {
  std::string label;         // "h2o [B]"
  std::string method;        // "h2o"
  std::size_t campaign = 0;  // index of the campaign
};

struct MergedCampaigns {
  std::vector<std::string> names;  // of the campaigns: the shortest ends of paths that differ
  std::vector<CellResult> results;
  std::vector<Origin> origins;  // of every label in `results`
  std::vector<std::string> notes;

  // The label that a user means by `word`: a label, or a method's name in the first campaign that
  // ran it. Throws Error, with a did-you-mean, when there is none.
  std::string label_of(const std::string& word) const;
};

// One campaign is taken as it is. Of several, a place - dataset, context, protocol - is kept where
// the first campaign and another have windows in common, and of each only these windows. Throws
// Error, saying what differs, when a campaign has nothing in common with the first, and when one is
// given twice.
MergedCampaigns merge_campaigns(const std::vector<StoredCampaign>& campaigns);

struct MergedReport {
  ComparisonReport report;         // of all together; `pairwise` without what is in `changes`
  Family changes;                  // one method in two campaigns; empty for one campaign
  std::vector<std::string> notes;  // which results are copies of others
};

// `options.baseline` is a label of the campaigns merged. Each family is adjusted by itself. Results
// that are identical in two campaigns - every nll of a method in one place, to the last bit, or
// within kEngineTolerance where the same entries were kept, as two engines give them - are one
// result: `changes` says so and has no p for it, and the other families have it once.
MergedReport compare(const MergedCampaigns& merged, const CompareOptions& options);

}  // namespace pressroom
