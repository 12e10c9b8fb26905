// How well the mean of a few measured runs is known, and in which order runs are made so that it
// says something: repeated until it is known well enough, in another order every time.
//
//   const MeanInterval mean = mean_interval({75.1, 74.8, 75.4});   // 75.1, 74.36 .. 75.84
//   mean.is_within(0.02);                                          // half of it is below 2 %
//   for (const std::size_t i : shuffled_order(5, RandomKey(seed).with(round))) run(i);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "pressroom/random.h"
#include "stats/t_tests.h"

namespace pressroom {

// Fewest runs whose spread is worth an interval. The means of two runs are close by chance too
// often: half of such intervals would end a measurement that knows nothing.
inline constexpr std::int64_t kLeastRepeats = 3;

struct MeanInterval {
  double mean = 0;
  std::optional<double> sd;      // over the runs, n - 1; nothing for one run
  std::optional<Interval> ci95;  // Student's t, n - 1 degrees of freedom; nothing for one run

  // Whether half of the interval is at most `part` of the mean.
  bool is_within(double part) const;
};

// Of at least one run, in any one unit.
MeanInterval mean_interval(const std::vector<double>& runs);

// Whether a measurement with these runs is over: their mean is known to `part` of it, from
// kLeastRepeats runs or more, or there are `most` of them.
bool is_settled(const std::vector<double>& runs, double part, std::int64_t most);

// 0 .. count - 1 in an order drawn by `random`, every order as likely as any other.
std::vector<std::size_t> shuffled_order(std::size_t count, const RandomKey& random);

}  // namespace pressroom
