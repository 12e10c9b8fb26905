#include "bench/mean_interval.h"

#include <numeric>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {

bool MeanInterval::is_within(double part) const {
  return ci95 && (ci95->high - ci95->low) / 2 <= part * mean;
}

MeanInterval mean_interval(const std::vector<double>& runs) {
  PRESSROOM_ASSERT(!runs.empty());
  const PairedTest test = paired_test(runs);
  MeanInterval interval;
  interval.mean = test.mean;
  if (runs.size() < 2) return interval;
  interval.sd = test.sd;
  // Runs that are equal to the last bit have no variance and no test: their mean is known.
  interval.ci95 = test.deterministic ? Interval{test.mean, test.mean} : test.ci95;
  return interval;
}

bool is_settled(const std::vector<double>& runs, double part, std::int64_t most) {
  const auto count = static_cast<std::int64_t>(runs.size());
  if (count >= most) return true;
  return count >= kLeastRepeats && mean_interval(runs).is_within(part);
}

std::vector<std::size_t> shuffled_order(std::size_t count, const RandomKey& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Fisher and Yates: each place from the end takes one of those before it, or its own.
  for (std::size_t left = count; left > 1; --left) {
    const double u = random.with(static_cast<std::uint64_t>(left)).uniform();
    std::swap(order[left - 1], order[static_cast<std::size_t>(u * static_cast<double>(left))]);
  }
  return order;
}

}  // namespace pressroom
