#include "print_decode_study.h"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <string>

#include "base/number_text.h"
#include "bench/timing.h"

namespace pressroom {
namespace {

std::string megabytes(double bytes) { return fixed(bytes / kBytesPerMegabyte, 2); }

std::string percent(double part, int decimals) { return fixed(100 * part, decimals) + " %"; }

std::string numbers_text(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) {
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  }
  return text;
}

void print_head(std::ostream& out, const DecodeStudy& study) {
  out << "model      " << study.model << ", "
      << fixed(static_cast<double>(study.weight_bytes) / kBytesPerMegabyte, 0) << " MB of weights, "
      << to_string(study.dtype) << "; caches " << to_string(study.kv_dtype) << "\nsequences  "
      << numbers_text(study.sequences) << " at once, prompts of " << numbers_text(study.lengths)
      << " tokens, then " << study.tokens << " measured ones; budget " << study.budget_tokens
      << " entries a head\nmachine    " << study.threads << " threads, " << study.blas
      << ", memory read at ";
  const std::optional<double> bandwidth = study.bandwidth(study.read_bandwidth.size());
  out << (bandwidth ? fixed(*bandwidth / 1e9, 1) + " GB/s"
                    : "an unknown speed (not enough of it to measure)");
  out << "\n";
  for (const auto& [dtype, why] : study.left_out) {
    out << "left out   dense with " << to_string(dtype) << " weights: " << why << "\n";
  }
}

// Half of the interval as a part of the mean; "*" where it is more than was asked.
std::string precision_text(const DecodeStudy& study, const StudiedRun& run) {
  const MeanInterval mean = study.mean_ms(run);
  if (!mean.ci95) return "? *";
  const double half = (mean.ci95->high - mean.ci95->low) / 2;
  return percent(half / mean.mean, 1) + (study.is_precise(run) ? "  " : " *");
}

// A ratio with "~" where its interval does not exclude 1.
std::string ratio_text(double ratio, const std::optional<Interval>& interval, bool is_itself) {
  const bool is_told_apart = interval && (interval->low > 1 || interval->high < 1);
  return fixed(ratio, 2) + (is_told_apart || is_itself ? " " : "~");
}

void print_run(std::ostream& out, const DecodeStudy& study, const StudiedRun& run) {
  const SequenceSizes& held = run.repeats.back().held;
  const auto share = study.bandwidth_share(run);
  out << std::left << std::setw(20) << run.method.label << ' ' << std::setw(9)
      << to_string(run.dtype) << std::right << std::setw(7) << run.shape.length << std::setw(5)
      << run.shape.sequences << std::setw(5) << run.repeats.size() << std::setw(9)
      << fixed(study.mean_ms(run).mean, 3) << std::setw(11) << precision_text(study, run)
      << std::setw(9) << fixed(study.quantile_ms(run, 0.5), 3) << std::setw(9)
      << fixed(study.quantile_ms(run, 0.95), 3) << std::setw(10)
      << fixed(study.tokens_per_second(run), 1) << std::setw(7)
      << fixed(study.bytes_per_second(run) / 1e9, 1) << std::setw(8)
      << (share ? percent(*share, 0) : "-") << std::setw(8) << held.most_entries << std::setw(9)
      << megabytes(static_cast<double>(held.bytes)) << std::setw(9)
      << megabytes(static_cast<double>(held.allocated_bytes)) << std::setw(8)
      << ratio_text(study.speedup(run), study.speedup_interval(run), &study.dense(run) == &run)
      << std::setw(8)
      << ratio_text(study.speedup_over_fastest(run), study.speedup_interval_over_fastest(run),
                    &study.fastest_dense(run) == &run)
      << std::setw(7);
  const auto together = study.ratio_to_one_sequence(run);
  out << (together ? fixed(*together, 2) : "-") << "\n";
}

void print_stretches(std::ostream& out, const StudiedRun& run) {
  out << "\n"
      << run.method.label << ", " << to_string(run.dtype) << ", length " << run.shape.length << ", "
      << run.shape.sequences << " at once, last repeat\n"
      << "    tokens       ms  entries    KV MB  alloc MB  process MB\n";
  for (const DecodeStretch& stretch : run.repeats.back().stretches) {
    out << std::setw(10) << stretch.last_token << std::setw(9)
        << fixed(1e3 * stretch.seconds_per_token, 3) << std::setw(9) << stretch.held.most_entries
        << std::setw(9) << megabytes(static_cast<double>(stretch.held.bytes)) << std::setw(10)
        << megabytes(static_cast<double>(stretch.held.allocated_bytes)) << std::setw(12)
        << (stretch.process_bytes
                ? fixed(static_cast<double>(*stretch.process_bytes) / kBytesPerMegabyte, 0)
                : "-")
        << "\n";
  }
}

void print_foot(std::ostream& out, const DecodeStudy& study) {
  out << "\nms: mean time of a token, over runs of " << study.tokens
      << " tokens; +-: half of its 95 % interval. p50, p95: of all tokens.\n"
         "GB/s: weights and caches, read once a step; share: of what memory gives, above 100 % "
         "where "
         "caches of\nthe processor hold them. entries: most that a head held after a token. KV MB: "
         "in use, and what\ncaches have from the allocator, at the end. x dense: dense's time at "
         "this length over the run's;\nx best: the same of dense with the weights it is fastest "
         "with. x one: tokens a second over those of\none sequence alone. All three are of the "
         "rounds that both were in. ~: the 95 % interval of the rounds'\nown ratios has 1 in it, "
         "or there was one round alone.\n";
  const auto rough = std::count_if(study.runs.begin(), study.runs.end(),
                                   [&](const StudiedRun& run) { return !study.is_precise(run); });
  if (rough == 0) return;
  out << "* not known to " << percent(study.precision, 1) << " after " << study.most_repeats
      << (study.most_repeats == 1 ? " run" : " runs")
      << ": quieten the machine, or take more tokens or --repeats.\n";
}

}  // namespace

void print_decode_study(std::ostream& out, const DecodeStudy& study) {
  print_head(out, study);
  out << "\nmethod               weights   length seqs runs       ms         +-      p50      p95"
         "  tokens/s   GB/s   share entries    KV MB alloc MB x dense  x best  x one\n";
  for (const StudiedRun& run : study.runs) print_run(out, study, run);
  if (study.every > 0) {
    for (const StudiedRun& run : study.runs) print_stretches(out, run);
  }
  print_foot(out, study);
}

}  // namespace pressroom
