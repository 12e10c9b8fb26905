#include "stats/distribution_free.h"

#include <algorithm>
#include <cmath>

#include "parallel/parallel_for.h"
#include "pressroom/random.h"

namespace pressroom {
namespace {

// Ranks the sizes of what is not zero; equal sizes share the mean of their ranks. Returns the sum
// of t^3 - t over groups of t equal sizes.
double rank(const std::vector<double>& differences, Wilcoxon& test) {
  std::vector<double> ordered;
  for (const double difference : differences) {
    if (difference != 0) ordered.push_back(difference);
  }
  test.n = ordered.size();
  test.zeros = differences.size() - test.n;
  std::sort(ordered.begin(), ordered.end(),
            [](double a, double b) { return std::abs(a) < std::abs(b); });

  double ties = 0;
  for (std::size_t begin = 0; begin < ordered.size();) {
    std::size_t end = begin;
    while (end < ordered.size() && std::abs(ordered[end]) == std::abs(ordered[begin])) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) {
      (ordered[i] > 0 ? test.positive_rank_sum : test.negative_rank_sum) += rank;
    }
    const double t = static_cast<double>(end - begin);
    ties += t * t * t - t;
    begin = end;
  }
  test.ties = ties > 0;
  test.statistic = std::min(test.positive_rank_sum, test.negative_rank_sum);
  return ties;
}

// Twice the probability of a sum of at most `statistic` when each of the ranks 1..n is in the sum
// or not, evenly.
double exact_p(std::size_t n, double statistic) {
  std::vector<long double> probability(static_cast<std::size_t>(statistic) + 1, 0);
  probability[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    // Downwards: probability[sum - rank] is then still without this rank, which is in a sum once.
    for (std::size_t sum = probability.size(); sum-- > 0;) {
      const long double with = sum >= rank ? probability[sum - rank] : 0;
      probability[sum] = 0.5L * (probability[sum] + with);
    }
  }
  long double total = 0;
  for (const long double p : probability) total += p;
  // Where the statistic is the middle of the distribution, both tails hold it: above 1.
  return static_cast<double>(std::min(1.0L, 2 * total));
}

double normal_p(std::size_t ranked, double statistic, double ties) {
  const double n = static_cast<double>(ranked);
  const double mean = n * (n + 1) / 4;
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
  return std::erfc(std::abs(statistic - mean) / std::sqrt(2 * variance));
}

bool counts_signs(const Wilcoxon& test, WilcoxonChoice choice) {
  // The exact count is of the ranks 1..n, each once; ties share mean ranks, perhaps halves.
  if (test.ties || choice == WilcoxonChoice::kNormal) return false;
  return choice == WilcoxonChoice::kExact || (test.zeros == 0 && test.n <= kWilcoxonExact);
}

}  // namespace

const char* to_string(WilcoxonMethod method) {
  switch (method) {
    case WilcoxonMethod::kNone:
      return "none";
    case WilcoxonMethod::kExact:
      return "exact";
    case WilcoxonMethod::kNormal:
      return "normal, tie-corrected";
  }
  return "";
}

Wilcoxon wilcoxon(const std::vector<double>& differences, WilcoxonChoice choice) {
  Wilcoxon test;
  const double ties = rank(differences, test);
  if (test.n == 0) return test;
  const bool exact = counts_signs(test, choice);
  test.method = exact ? WilcoxonMethod::kExact : WilcoxonMethod::kNormal;
  test.p = exact ? exact_p(test.n, test.statistic) : normal_p(test.n, test.statistic, ties);
  return test;
}

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
  // nth_element leaves what is above unsorted: the next value is the least of it.
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
  // Every resample has the same mean: the interval would be a point and look like certainty.
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
      // Keyed by the resample, so that neither blocks nor threads show in the result.
      means[static_cast<std::size_t>(i)] = resampled_mean(documents, key.with(i));
    }
  });
  return Interval{quantile(means, 0.025), quantile(means, 0.975)};
}

}  // namespace pressroom
