#include "bench_text.h"

#include <iomanip>

#include "base/number_text.h"

namespace pressroom {
namespace {

std::string milliseconds(const BenchRun& run, double fraction) {
  if (run.step_seconds.empty()) return "-";
  return fixed(1e3 * quantile(run.step_seconds, fraction), 2);
}

}  // namespace

void print_report(std::ostream& out, const BenchReport& report) {
  out << "model      " << report.model << ", "
      << fixed(static_cast<double>(report.weight_bytes) / 1e6, 0) << " MB of weights, "
      << to_string(report.dtype) << "\ndocuments  " << report.documents << " of " << report.tokens
      << " tokens, budget " << report.budget_tokens << " entries a head\nmachine    "
      << report.threads << " threads, " << report.blas
      << "\n\nmethod                engine  positions    tokens    min s median s    max s"
         "  tokens/s  x dense  p50 ms  p95 ms  peak MB\n";
  for (const BenchRun& run : report.runs) {
    const Spread spread = spread_of(run.seconds);
    out << std::left << std::setw(22) << run.method.label << std::setw(8) << to_string(run.engine)
        << std::setw(12) << to_string(run.positions) << std::right << std::setw(7) << run.tokens
        << std::setw(9) << fixed(spread.least, 3) << std::setw(9) << fixed(spread.median, 3)
        << std::setw(9) << fixed(spread.most, 3) << std::setw(10)
        << fixed(report.tokens_per_second(run), 1) << std::setw(9)
        << fixed(report.ratio_to_baseline(run), 2) << std::setw(8) << milliseconds(run, 0.5)
        << std::setw(8) << milliseconds(run, 0.95) << std::setw(9)
        << (run.peak_bytes ? fixed(static_cast<double>(*run.peak_bytes) / 1e6, 0) : "-") << "\n";
  }
  out << "\nx dense: time for a token over that of the first row, of medians. p50 and p95: of "
         "a step.\npeak MB: most memory in the first run above what the process held with the "
         "model loaded.\n";
}

void print_report(std::ostream& out, const KernelReport& report) {
  const KernelShape& shape = report.shape;
  out << "head_dim " << shape.head_dim << ", group " << shape.group << ", budget "
      << shape.budget_tokens << ", tokens " << shape.tokens << ", threads " << shape.threads
      << "\n\n                  us/call      GB/s      GF/s  of the limit\n";
  for (const KernelFigure& figure : report.figures) {
    const double seconds = static_cast<double>(shape.threads) / figure.median_calls_per_second();
    const auto fraction = report.fraction_of_limit(figure);
    out << std::left << std::setw(15) << figure.name << std::right << std::setw(10)
        << fixed(1e6 * seconds, 1) << std::setw(10) << fixed(figure.gigabytes_per_second(), 1)
        << std::setw(10) << (figure.flops > 0 ? fixed(figure.gigaflops_per_second(), 1) : "-");
    if (fraction) {
      out << std::setw(7) << fixed(100 * fraction->value, 0) << " % " << fraction->limit;
    }
    out << "\n";
  }
}

}  // namespace pressroom
