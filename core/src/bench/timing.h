// Repeated measurements of time: several things side by side, and what is said of them.
//
// They take turns, so that a machine that is slow for a while is slow for all of them, and ratios
// stay meaningful. Times on a busy machine have a long tail to one side, so order statistics are
// used throughout, never means.
//
//   const auto seconds = time_round_robin({{dense, 5}, {h2o, 5}, {decode, 1, false}});
//   spread_of(seconds[1]).median / spread_of(seconds[0]).median
//   const Spread spread = spread_of({1.2, 1.0, 4.0});   // least 1.0, median 1.2, most 4.0
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

struct Spread {
  double least = 0;
  double median = 0;
  double most = 0;
};

// Of at least one sample.
Spread spread_of(const std::vector<double>& samples);

// The sample below which `fraction`, in [0, 1], of at least one sample lie; between two samples by
// linear interpolation: of n sorted samples the one at (n - 1) * fraction.
double quantile(std::vector<double> samples, double fraction);

}  // namespace pressroom
