#include "campaign/calibration/match_budget.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pressroom/error.h"

namespace pressroom {

MatchedBudget match_budget(const MatchSearch& search,
                           const std::function<double(std::int64_t)>& measure) {
  constexpr std::int64_t kDirectSteps = 3;
  PRESSROOM_ASSERT(search.least <= search.most);
  const auto distance = [&](const MatchedBudget& point) {
    return std::abs(point.kept - search.target);
  };
  std::optional<MatchedBudget> below;
  std::optional<MatchedBudget> above;
  std::int64_t first = search.least;
  std::int64_t last = search.most;
  MatchedBudget point;
  point.budget_tokens = std::clamp(search.guess, first, last);
  while (true) {
    point.kept = measure(point.budget_tokens);
    ++point.runs;
    if (distance(point) <= search.tolerance) return point;
    if (point.kept < search.target) {
      below = point;
      first = point.budget_tokens + 1;
    } else {
      above = point;
      last = point.budget_tokens - 1;
    }
    if (first > last) break;
    const double step = std::round((search.target - point.kept) * search.tokens);
    const std::int64_t direct = point.budget_tokens + static_cast<std::int64_t>(step);
    point.budget_tokens =
        point.runs <= kDirectSteps ? std::clamp(direct, first, last) : first + (last - first) / 2;
  }
  MatchedBudget closest = point;
  if (below && above) closest = distance(*below) <= distance(*above) ? *below : *above;
  closest.runs = point.runs;
  closest.in_reach = below && above;
  return closest;
}

}  // namespace pressroom
