#include "engine/eviction/lifetimes.h"

#include <cmath>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "engine/attention/sequential_kernel.h"
#include "pressroom/error.h"

namespace pressroom {

EvictionLog evictions_by_score(const float* scores, const Schedule& schedule,
                               const EvictionPlan& plan, std::int64_t budget_tokens,
                               const std::string& where) {
  const std::int64_t tokens = schedule.steps.back().end;
  EvictionLog evictions(tokens);
  using Candidate = std::pair<float, std::int64_t>;  // of equal scores the older is on top
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  std::int64_t held = 0;
  std::int64_t next = plan.sinks;  // the first position that is not a candidate yet
  for (const FeedStep& step : schedule.steps) {
    held += step.end - step.begin;
    if (!step.evicts) continue;
    for (; next + plan.recents < step.end; ++next) {
      if (std::isnan(scores[next])) refuse_nan_rank(where, next, /*is_birth_score=*/true);
      candidates.push({scores[next], next});
    }
    for (; held > budget_tokens; --held) {
      PRESSROOM_ASSERT(!candidates.empty());
      const auto [score, position] = candidates.top();
      evictions.leaves(position, step.end - 1, score);
      candidates.pop();
    }
  }
  return evictions;
}

}  // namespace pressroom
