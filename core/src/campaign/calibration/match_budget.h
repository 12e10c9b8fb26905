// The budget at which a method keeps as much as another: a search over whole tokens, each step of
// which is a run.
//
//   MatchSearch search;
//   search.target = 0.43;                                  // the fraction that is to be kept
//   const MatchedBudget found = match_budget(search, [&](std::int64_t budget) { return ...; });
//   found.budget_tokens;  // 220
#pragma once

#include <cstdint>
#include <functional>

namespace pressroom {

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

}  // namespace pressroom
