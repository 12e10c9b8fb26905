#include "engine/recording.h"

#include <algorithm>

namespace pressroom {

void record_sizes(const Schedule& schedule, DocumentRun& run) {
  for (const FeedStep& step : schedule.steps) run.tokens_per_step.push_back(step.end - step.begin);
  run.entries_per_step.assign(schedule.steps.size(), 0);
  for (const auto& layer : run.evictions) {
    auto& kept = run.kept.emplace_back();
    for (const EvictionLog& head : layer) {
      kept.push_back(head.kept());
      const std::vector<std::int64_t> sizes = head.sizes(schedule);
      for (std::size_t step = 0; step < sizes.size(); ++step) {
        run.entries_per_step[step] += sizes[step];
        run.peak_entries_per_head = std::max(run.peak_entries_per_head, sizes[step]);
      }
    }
  }
}

}  // namespace pressroom
