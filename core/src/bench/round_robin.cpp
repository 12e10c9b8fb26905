#include "bench/round_robin.h"

#include <algorithm>
#include <cstddef>

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

}  // namespace pressroom
