#include "stats/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "parallel/cores.h"
#include "parallel/parallel_for.h"
#include "pressroom/random.h"

namespace pressroom {
namespace {

// Documents that a thread draws before it looks for more work: some 0.3 ms, as waking a thread for
// less costs more than it saves.
constexpr std::int64_t kDrawsAtOnce = 200'000;

// The documents of one resample, drawn with replacement: two from each hash of a counter.
class Draws {
 public:
  Draws(RandomKey key, std::size_t documents) : counter_(key.bits()), documents_(documents) {}

  // Uniform below the number of documents, to 1 part in 2^32 / documents.
  std::size_t next() {
    if (!has_half_) bits_ = mix_bits(counter_++);
    const std::uint64_t half = has_half_ ? bits_ >> 32 : bits_ & 0xffffffffU;
    has_half_ = !has_half_;
    return static_cast<std::size_t>((half * documents_) >> 32);
  }

 private:
  std::uint64_t counter_;
  std::uint64_t documents_;
  std::uint64_t bits_ = 0;
  bool has_half_ = false;
};

struct Weighted {
  double product = 0;  // value times weight
  double weight = 0;
};

double resampled_mean(const std::vector<Weighted>& documents, RandomKey key) {
  Draws draws(key, documents.size());
  Weighted sum;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Weighted& drawn = documents[draws.next()];
    sum.product += drawn.product;
    sum.weight += drawn.weight;
  }
  return sum.product / sum.weight;
}

// The point below which a `share` of `values` lies, between the two values nearest to it by
// straight line. Reorders them, so that what is below the point comes first.
double quantile(std::vector<double>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), below, values.end());
  if (below + 1 == values.end()) return *below;
  const double above = *std::min_element(below + 1, values.end());
  return *below + (place - std::floor(place)) * (above - *below);
}

}  // namespace

double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights) {
  long double product = 0;
  long double weight = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    product += static_cast<long double>(values[i]) * weights[i];
    weight += weights[i];
  }
  return weight > 0 ? static_cast<double>(product / weight) : 0;
}

std::optional<Interval> bootstrap_interval(const std::vector<double>& values,
                                           const std::vector<double>& weights,
                                           std::int64_t resamples) {
  if (values.size() < 2 || resamples < 1) return std::nullopt;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  if (*least == *most) return std::nullopt;

  std::vector<Weighted> documents;
  for (std::size_t i = 0; i < values.size(); ++i) {
    documents.push_back({values[i] * weights[i], weights[i]});
  }
  const RandomKey key = RandomKey(kBootstrapSeed).with("bootstrap");
  std::vector<double> means(static_cast<std::size_t>(resamples));
  const auto n = static_cast<std::int64_t>(documents.size());
  const std::int64_t at_once = std::max<std::int64_t>(1, kDrawsAtOnce / n);
  const std::int64_t blocks = (resamples + at_once - 1) / at_once;
  const std::int64_t threads = available_cores();
  parallel_for(blocks, threads, [&](std::int64_t block) {
    const std::int64_t end = std::min(resamples, (block + 1) * at_once);
    for (std::int64_t i = block * at_once; i < end; ++i) {
      means[static_cast<std::size_t>(i)] = resampled_mean(documents, key.with(i));
    }
  });
  return Interval{quantile(means, 0.025), quantile(means, 0.975)};
}

}  // namespace pressroom
