// How calibrate() finds a budget: the windows that are left for it, runs of methods on them with
// the fraction that each keeps, and the search over budgets.
//
//   const CalibrationRuns runs(parts, seed, unused_windows(...));
//   const double target = runs.measure(dms, context).kept;
//   match_budget(runs.search_for(h2o, target, 0.01),
//                [&](std::int64_t budget) { return runs.measure(h2o, budget).kept; });
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "campaign/calibration/calibrate.h"

namespace pressroom {

// `count` windows out of those that `used` has not, neither by id nor by content. Chosen by `seed`.
// Throws Error when there are too few. `where` names the dataset in messages.
std::vector<Window> unused_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                   std::int64_t context_tokens, std::int64_t count,
                                   std::uint64_t seed,
                                   const std::vector<const std::vector<Window>*>& used,
                                   const std::string& where);

// The budget at which a method keeps as much as another: a search over whole tokens, each step of
// which is a run.
//
//   MatchSearch search;
//   search.target = 0.43;                                  // the fraction that is to be kept
//   const MatchedBudget found = match_budget(search, [&](std::int64_t budget) { return ...; });
//   found.budget_tokens;  // 220
struct MatchSearch {
  double target = 0;       // fraction of the entries seen that is to be kept, in (0, 1)
  double tolerance = 0;    // a difference of this or less will do
  std::int64_t least = 1;  // the budgets that the method can be given
  std::int64_t most = 1;
  std::int64_t guess = 1;  // where to begin; brought into the range
  // Tokens of a window, its mean: where a head keeps its budget, one token more of it is this part
  // of the window.
  double tokens = 1;
};

struct MatchedBudget {
  std::int64_t budget_tokens = 0;
  double kept = 0;  // measured under it
  std::int64_t runs = 0;
  // False where even `least` keeps too much, or `most` too little: the target is out of reach.
  bool in_reach = true;
};

// `measure` gives the fraction kept under a budget; more budget is taken to keep no less. The
// first budget within the tolerance is the answer, else of the two next to the target the closer
// one. Begins with steps as long as the difference asks for, which is one run where a head keeps
// its budget, and goes on by bisection: at most 4 + log2(most - least + 1) runs.
MatchedBudget match_budget(const MatchSearch& search,
                           const std::function<double(std::int64_t budget_tokens)>& measure);

// Over windows, layers and heads.
struct HeldFractions {
  double kept = 0;  // of the entries seen, what is held at the end
  double mean = 0;  // of the window, what is held after a step, mean over steps
};

class CalibrationRuns {
 public:
  // `parts` is borrowed. `windows` are of one dataset and context; random numbers are of `seed`.
  CalibrationRuns(const CalibrationParts& parts, std::uint64_t seed, std::vector<Window> windows);

  const std::vector<Window>& windows() const { return windows_; }

  // Runs the method under that budget. Throws what running throws.
  HeldFractions measure(const PlannedCell& planned, std::int64_t budget) const;

  // The search for a budget that keeps `target`, or holds it on average where the config's match is
  // by that: between the smallest that holds what the method protects and all that is compressed,
  // from the one that a head per budget would need.
  MatchSearch search_for(const PlannedCell& planned, double target, double tolerance) const;

  // SHA-256 of all that runs of `planned` on the windows depend on, but for a budget found here.
  std::string key_of(PlannedCell planned) const;

  // "h2o on books, context 512", for messages.
  std::string where(const PlannedCell& planned) const;

 private:
  std::int64_t least_budget(const PlannedCell& planned, std::int64_t most) const;
  RunTerms terms_under(PlannedCell planned, std::int64_t budget) const;

  const CalibrationParts& parts_;
  const CampaignConfig& config_;
  std::uint64_t seed_;
  std::vector<Window> windows_;
  std::vector<TokenDocument> documents_;
};

}  // namespace pressroom
