// Timing several things side by side: they take turns, so that a machine that is slow for a while
// is slow for all of them, and ratios stay meaningful.
//
//   const auto seconds = time_round_robin({{dense, 5}, {h2o, 5}, {decode, 1, false}});
//   spread_of(seconds[1]).median / spread_of(seconds[0]).median
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace pressroom {

struct TimedCall {
  std::function<double()> call;  // returns the seconds that count
  std::int64_t repeats = 1;      // that are timed
  bool warms_up = true;          // is called once before all that is timed
};

// Times of every call, in seconds, in the order they were taken. First come the warm-ups, then
// rounds: each call that has repeats left, in order, once a round. What a call throws ends it all.
std::vector<std::vector<double>> time_round_robin(const std::vector<TimedCall>& calls);

}  // namespace pressroom
