#include "generate/generation_stats.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "base/number_text.h"
#include "bench/timing.h"

namespace pressroom {
namespace {

double sum_of(const std::vector<double>& seconds) {
  return std::accumulate(seconds.begin(), seconds.end(), 0.0);
}

std::optional<double> in_milliseconds(std::optional<double> seconds) {
  if (seconds) *seconds *= 1e3;
  return seconds;
}

}  // namespace

std::optional<double> GenerationStats::decode_tokens_per_second() const {
  if (step_seconds.empty()) return std::nullopt;
  return static_cast<double>(step_seconds.size()) / sum_of(step_seconds);
}

std::optional<double> GenerationStats::step_quantile(double fraction) const {
  if (step_seconds.empty()) return std::nullopt;
  return quantile(step_seconds, fraction);
}

std::optional<double> GenerationStats::bytes_per_second() const {
  if (step_seconds.empty()) return std::nullopt;
  const auto weights = static_cast<double>(weight_bytes_per_token);
  const auto steps = static_cast<double>(step_seconds.size());
  return (weights * steps + cache_bytes_read) / sum_of(step_seconds);
}

std::optional<double> GenerationStats::bandwidth_share() const {
  const std::optional<double> rate = bytes_per_second();
  if (!rate || !read_bandwidth) return std::nullopt;
  return *rate / *read_bandwidth;
}

std::optional<double> GenerationStats::prefill_tokens_per_second() const {
  if (loaded_tokens > 0) return std::nullopt;
  return static_cast<double>(prompt_tokens) / prefill_seconds;
}

double GenerationStats::mean_entries() const {
  return static_cast<double>(held.entries) / static_cast<double>(heads);
}

nlohmann::ordered_json to_json(const GenerationStats& stats) {
  return {{"threads", stats.threads},
          {"loaded_tokens", stats.loaded_tokens},
          {"prefill_tokens_per_second", json_number(stats.prefill_tokens_per_second())},
          {"decode_tokens_per_second", json_number(stats.decode_tokens_per_second())},
          {"step_ms_p50", json_number(in_milliseconds(stats.step_quantile(0.5)))},
          {"step_ms_p95", json_number(in_milliseconds(stats.step_quantile(0.95)))},
          {"kv_bytes", stats.held.bytes},
          {"kv_bytes_peak", stats.peak_bytes},
          {"kv_bytes_allocated", stats.held.allocated_bytes},
          {"beside_kv_bytes", stats.held.beside_bytes},
          {"least_entries_per_head", stats.least_entries},
          {"mean_entries_per_head", stats.mean_entries()},
          {"most_entries_per_head", stats.held.most_entries},
          {"evicted_entries", stats.held.evicted},
          {"weight_bytes_per_token", stats.weight_bytes_per_token},
          {"bytes_per_second", json_number(stats.bytes_per_second())},
          {"read_bandwidth", json_number(stats.read_bandwidth)},
          {"bandwidth_share", json_number(stats.bandwidth_share())}};
}

}  // namespace pressroom
