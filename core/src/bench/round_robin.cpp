#include "bench/round_robin.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace pressroom {

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<std::vector<double>> time_round_robin(const std::vector<TimedCall>& calls,
                                                  const std::function<double()>& now) {
  std::int64_t rounds = 0;
  for (const TimedCall& timed : calls) {
    rounds = std::max(rounds, timed.repeats);
    if (timed.warms_up) timed.call();
  }
  std::vector<std::vector<double>> seconds(calls.size());
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (round >= calls[i].repeats) continue;
      const double begin = now();
      calls[i].call();
      seconds[i].push_back(now() - begin);
    }
  }
  return seconds;
}

}  // namespace pressroom
