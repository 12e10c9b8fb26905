#include "engine/cache/eviction_log.h"

#include <algorithm>
#include <cstddef>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// Entries held after each step of `schedule`, of which leaving[t] go after token t.
std::vector<std::int64_t> sizes_after(const Schedule& schedule,
                                      const std::vector<std::int64_t>& leaving) {
  std::vector<std::int64_t> sizes;
  std::int64_t held = 0;
  for (const FeedStep& step : schedule.steps) {
    held += step.end - step.begin - leaving[step.end - 1];
    sizes.push_back(held);
  }
  return sizes;
}

}  // namespace

EvictionLog::EvictionLog(std::int64_t tokens)
    : evicted_after(static_cast<std::size_t>(tokens), kNeverLeaves),
      score(static_cast<std::size_t>(tokens), std::numeric_limits<float>::quiet_NaN()) {}

void EvictionLog::leaves(std::int64_t position, std::int64_t last_query, float its_score) {
  PRESSROOM_ASSERT(evicted_after[position] == kNeverLeaves);  // I2
  evicted_after[position] = static_cast<std::int32_t>(last_query);
  score[position] = its_score;
}

void EvictionLog::resize(std::int64_t tokens) {
  evicted_after.resize(static_cast<std::size_t>(tokens), kNeverLeaves);
  score.resize(static_cast<std::size_t>(tokens), std::numeric_limits<float>::quiet_NaN());
}

std::int64_t EvictionLog::bytes() const {
  return static_cast<std::int64_t>(evicted_after.size() *
                                   (sizeof(evicted_after[0]) + sizeof(score[0])));
}

std::vector<std::int64_t> EvictionLog::kept() const {
  std::vector<std::int64_t> positions;
  for (std::size_t j = 0; j < evicted_after.size(); ++j) {
    if (evicted_after[j] == kNeverLeaves) positions.push_back(static_cast<std::int64_t>(j));
  }
  return positions;
}

std::vector<std::int64_t> EvictionLog::sizes(const Schedule& schedule) const {
  std::vector<std::int64_t> leaving(evicted_after.size(), 0);  // after each token
  for (const std::int32_t last : evicted_after) {
    if (last != kNeverLeaves) ++leaving[last];
  }
  return sizes_after(schedule, leaving);
}

std::vector<std::int64_t> EvictionLog::sizes_in_pages(const Schedule& schedule,
                                                      std::int64_t page_tokens) const {
  std::vector<std::int64_t> leaving(evicted_after.size(), 0);
  const auto tokens = static_cast<std::int64_t>(evicted_after.size());
  for (std::int64_t begin = 0; begin + page_tokens <= tokens; begin += page_tokens) {
    const auto first = evicted_after.begin() + begin;
    const std::int32_t last = *std::max_element(first, first + page_tokens);
    if (last != kNeverLeaves) leaving[last] += page_tokens;
  }
  return sizes_after(schedule, leaving);
}

}  // namespace pressroom
