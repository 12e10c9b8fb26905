// The names of measured numbers that core knows: as the metric plugins report them, and as files
// and tables tell them. Core looks them up, and does without those that no metric of a campaign
// reports; what studies call by these names they compute from the same cells.
//
//   const MetricValue* kept = result.metric(metric_names::kKeptRatio);   // nullptr without `cache`
//
// Here and nowhere else: whoever renames a number in a plugin finds what depends on it. They are
// keys of result files too, so that a new name is a change of those formats.
#pragma once

#include <string_view>

namespace pressroom::metric_names {

// How well text is predicted: `perplexity`.
inline constexpr const char* kNll = "nll";  // nats per token, of what is judged by it
inline constexpr const char* kPerplexity = "perplexity";
inline constexpr const char* kCrossEntropy = "cross_entropy";  // nats per token
inline constexpr const char* kBitsPerToken = "bits_per_token";
inline constexpr const char* kBitsPerByte = "bits_per_byte";

// How many of a task's answers are right: `exact_match`.
inline constexpr const char* kExactMatch = "exact_match";

// How far predictions are from those of the dense run: `fidelity`. The divergence is in nats.
inline constexpr const char* kKlMean = "kl_mean";
inline constexpr const char* kKlP50 = "kl_p50";
inline constexpr const char* kKlP90 = "kl_p90";
inline constexpr const char* kKlP99 = "kl_p99";
inline constexpr const char* kKlP999 = "kl_p99.9";
inline constexpr const char* kTop1Agreement = "top1_agreement";

// What the caches held, counted in entries: `cache`.
inline constexpr const char* kKept = "kept";            // at the end, over layers and heads
inline constexpr const char* kDiscarded = "discarded";  // until the end, likewise
inline constexpr const char* kKeptRatio = "kept_ratio";
inline constexpr const char* kMeanCacheEntries = "mean_cache_entries";  // a head, over steps
inline constexpr const char* kPeakCacheEntries = "peak_cache_entries";  // of one head

// What it took of memory: `memory`. In bytes.
inline constexpr const char* kKvBytesPeak = "kv_bytes_peak";
inline constexpr const char* kProcessPeakBytes = "process_peak_bytes";

// What it took of time, and the metric's own name, by which its parameters are found in a config.
inline constexpr const char* kThroughput = "throughput";
inline constexpr const char* kTokensPerSecond = "tokens_per_second";
inline constexpr const char* kDecodeLatencyMean = "decode_latency_mean";  // seconds, last steps

// Every name that the metrics which come with Pressroom report, those above and those that core
// does not look up; but for the rules that judge generated answers, which stand in tables and have
// tests of their own, as what somebody's own metric reports has.
inline constexpr const char* kReported[] = {kPerplexity,
                                            kCrossEntropy,
                                            kBitsPerToken,
                                            kBitsPerByte,
                                            "word_perplexity",
                                            kExactMatch,
                                            "exact_match_generated",
                                            "answer_token_accuracy",
                                            "answer_nll",
                                            "answers",
                                            kKlMean,
                                            kKlP50,
                                            kKlP90,
                                            kKlP99,
                                            kKlP999,
                                            kTop1Agreement,
                                            kKept,
                                            kDiscarded,
                                            kKeptRatio,
                                            "compression_ratio",
                                            kMeanCacheEntries,
                                            kPeakCacheEntries,
                                            kKvBytesPeak,
                                            "kv_bytes_per_entry",
                                            "weight_bytes",
                                            kProcessPeakBytes,
                                            kTokensPerSecond,
                                            "step_latency_p50",
                                            "step_latency_p95",
                                            kDecodeLatencyMean};

// Whether it is one of kReported, or nll, which is in every cell.
inline bool is_known(std::string_view name) {
  if (name == kNll) return true;
  for (const char* known : kReported) {
    if (name == known) return true;
  }
  return false;
}

}  // namespace pressroom::metric_names
