// Which entries of a head leave where they leave in pages (protocol/server_constraints.h): all of a
// page or none, by the mean of their scores.
//
//   PageRule rule;
//   rule.page_tokens = 16;
//   rule.evictable = evictable(positions, sinks, recents);
//   rule.next_position = tokens_fed;
//   rule.most_held = budget_tokens;
//   const LeavingEntries leaving = leaving_pages(positions, scores, rule, "layer 3, kv head 1");
//
// Page k has the entries at positions k * page_tokens .. (k + 1) * page_tokens - 1. Pages leave
// lowest mean first, of equal means the older first. A page stays where one of its entries may not
// leave, and while it has not all of its tokens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/selection.h"

namespace pressroom {

struct PageRule {
  std::int64_t page_tokens = 1;    // 1: each entry by itself
  IndexRange evictable;            // entries that may leave, by index
  std::int64_t next_position = 0;  // of the token that is fed next
  std::int64_t most_held = 0;      // entries that may stay
  // Pages of mean 0 leave, too, whatever is held: scores are what a keep decision says, 1 of an
  // entry that is to stay and 0 of the others.
  bool drops_unwanted = false;
};

struct LeavingEntries {
  Indices indices;           // ascending
  std::vector<float> ranks;  // [T], of each entry the mean of its page
};

// `positions` [T] ascending and `scores` [T] of a head. Pages leave until no more than
// rule.most_held entries stay, which check_server_budget (engine/eviction/server_checks.h) has made
// sure is possible. Throws Error, naming `where`, for a page that may leave and has a mean of NaN.
LeavingEntries leaving_pages(const std::vector<std::int32_t>& positions,
                             const std::vector<float>& scores, const PageRule& rule,
                             const std::string& where);

// [T]: the mean of each entry's scores over heads that hold the same entries, [T] each.
std::vector<float> mean_over_heads(const std::vector<std::vector<float>>& scores);

}  // namespace pressroom
