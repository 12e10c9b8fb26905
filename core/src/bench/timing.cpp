#include "bench/timing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "pressroom/error.h"

namespace pressroom {

std::vector<std::vector<double>> time_round_robin(const std::vector<TimedCall>& calls) {
  std::int64_t rounds = 0;
  for (const TimedCall& timed : calls) {
    rounds = std::max(rounds, timed.repeats);
    if (timed.warms_up) timed.call();
  }
  std::vector<std::vector<double>> seconds(calls.size());
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (round >= calls[i].repeats) continue;
      seconds[i].push_back(calls[i].call());
    }
  }
  return seconds;
}

double quantile(std::vector<double> samples, double fraction) {
  PRESSROOM_ASSERT(!samples.empty() && fraction >= 0 && fraction <= 1);
  std::sort(samples.begin(), samples.end());
  const double place = static_cast<double>(samples.size() - 1) * fraction;
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, samples.size() - 1);
  return samples[below] + (place - std::floor(place)) * (samples[above] - samples[below]);
}

Spread spread_of(const std::vector<double>& samples) {
  return {quantile(samples, 0), quantile(samples, 0.5), quantile(samples, 1)};
}

}  // namespace pressroom
