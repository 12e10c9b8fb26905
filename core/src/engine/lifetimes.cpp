#include "engine/lifetimes.h"

#include <cmath>
#include <functional>
#include <queue>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {

std::vector<std::int32_t> deaths_by_score(const float* scores, std::int64_t tokens,
                                          const EvictionPlan& plan, std::int64_t budget_tokens,
                                          const std::string& where) {
  std::vector<std::int32_t> deaths(static_cast<std::size_t>(tokens), kNeverLeaves);
  using Candidate = std::pair<float, std::int64_t>;  // of equal scores the older is on top
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  std::int64_t held = 0;
  std::int64_t next = plan.sinks;  // the first position that is not a candidate yet
  for (std::int64_t step = 0; step < tokens; ++step) {
    if (std::isnan(scores[step])) {
      throw Error({"a score is NaN", where + ", position " + std::to_string(step), "finite scores",
                   "NaN", "mend the method: a NaN cannot be ranked"});
    }
    ++held;
    if ((step + 1) % plan.interval != 0) continue;
    for (; next + plan.recents <= step; ++next) candidates.push({scores[next], next});
    for (; held > budget_tokens; --held) {
      PRESSROOM_ASSERT(!candidates.empty());
      deaths[candidates.top().second] = static_cast<std::int32_t>(step);
      candidates.pop();
    }
  }
  return deaths;
}

}  // namespace pressroom
