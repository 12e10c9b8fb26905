// What is worked out from the measured runs of a study.
#include <algorithm>
#include <cmath>

#include "bench/decode_study.h"
#include "bench/timing.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr double kMillisecondsPerSecond = 1e3;

bool is_beside(const StudiedRun& one, const StudiedRun& other) {
  return one.shape.length == other.shape.length && one.shape.sequences == other.shape.sequences;
}

// Mean time of a token of `one` over that of `other`.
double ratio_in_shared_rounds(const StudiedRun& one, const StudiedRun& other) {
  const std::size_t rounds = std::min(one.repeats.size(), other.repeats.size());
  PRESSROOM_ASSERT(rounds > 0);
  double of_one = 0;
  double of_other = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    of_one += one.repeats[round].seconds_per_token();
    of_other += other.repeats[round].seconds_per_token();
  }
  return of_one / of_other;
}

// Of the ratios that the shared rounds have each by itself: what is slow in a whole round is slow
// for both.
std::optional<Interval> interval_in_shared_rounds(const StudiedRun& one, const StudiedRun& other) {
  if (&one == &other) return std::nullopt;
  std::vector<double> logarithms;
  for (std::size_t i = 0; i < std::min(one.repeats.size(), other.repeats.size()); ++i) {
    logarithms.push_back(
        std::log(one.repeats[i].seconds_per_token() / other.repeats[i].seconds_per_token()));
  }
  const std::optional<Interval> interval = mean_interval(logarithms).ci95;
  if (!interval) return std::nullopt;
  return Interval{std::exp(interval->low), std::exp(interval->high)};
}

}  // namespace

MeanInterval DecodeStudy::mean_ms(const StudiedRun& run) const {
  std::vector<double> means;
  for (const DecodeRepeat& repeat : run.repeats) {
    means.push_back(kMillisecondsPerSecond * repeat.seconds_per_token());
  }
  return mean_interval(means);
}

double DecodeStudy::quantile_ms(const StudiedRun& run, double fraction) const {
  std::vector<double> all;
  for (const DecodeRepeat& repeat : run.repeats) {
    all.insert(all.end(), repeat.step_seconds.begin(), repeat.step_seconds.end());
  }
  return kMillisecondsPerSecond * quantile(std::move(all), fraction);
}

double DecodeStudy::tokens_per_second(const StudiedRun& run) const {
  return kMillisecondsPerSecond * static_cast<double>(run.shape.sequences) / mean_ms(run).mean;
}

double DecodeStudy::bytes_per_second(const StudiedRun& run) const {
  const double bytes = static_cast<double>(run.weight_bytes) + run.repeats.back().kv_bytes_per_step;
  return kMillisecondsPerSecond * bytes / mean_ms(run).mean;
}

std::optional<double> DecodeStudy::bandwidth(std::size_t rounds) const {
  std::vector<double> measured;
  for (std::size_t i = 0; i < std::min(rounds, read_bandwidth.size()); ++i) {
    if (read_bandwidth[i]) measured.push_back(*read_bandwidth[i]);
  }
  if (measured.empty()) return std::nullopt;
  return spread_of(measured).median;
}

std::optional<double> DecodeStudy::bandwidth_share(const StudiedRun& run) const {
  const std::optional<double> given = bandwidth(run.repeats.size());
  if (!given) return std::nullopt;
  return bytes_per_second(run) / *given;
}

const StudiedRun& DecodeStudy::dense(const StudiedRun& run) const {
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const StudiedRun& other) {
    return other.is_dense && other.dtype == run.dtype && is_beside(other, run);
  });
  PRESSROOM_ASSERT(found != runs.end());
  return *found;
}

const StudiedRun& DecodeStudy::fastest_dense(const StudiedRun& run) const {
  const StudiedRun* fastest = &dense(run);
  double least = ratio_in_shared_rounds(*fastest, run);
  for (const StudiedRun& other : runs) {
    if (!other.is_dense || !is_beside(other, run)) continue;
    const double ratio = ratio_in_shared_rounds(other, run);
    if (ratio >= least) continue;
    fastest = &other;
    least = ratio;
  }
  return *fastest;
}

double DecodeStudy::speedup(const StudiedRun& run) const {
  return ratio_in_shared_rounds(dense(run), run);
}

double DecodeStudy::speedup_over_fastest(const StudiedRun& run) const {
  return ratio_in_shared_rounds(fastest_dense(run), run);
}

std::optional<Interval> DecodeStudy::speedup_interval(const StudiedRun& run) const {
  return interval_in_shared_rounds(dense(run), run);
}

std::optional<Interval> DecodeStudy::speedup_interval_over_fastest(const StudiedRun& run) const {
  return interval_in_shared_rounds(fastest_dense(run), run);
}

std::optional<double> DecodeStudy::ratio_to_one_sequence(const StudiedRun& run) const {
  for (const StudiedRun& other : runs) {
    if (other.shape.sequences != 1 || other.shape.length != run.shape.length) continue;
    if (other.dtype != run.dtype || other.method.label != run.method.label) continue;
    return static_cast<double>(run.shape.sequences) * ratio_in_shared_rounds(other, run);
  }
  return std::nullopt;
}

}  // namespace pressroom
