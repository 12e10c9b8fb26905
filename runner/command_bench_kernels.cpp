#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/number_text.h"
#include "bench/kernel_bench.h"
#include "command.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

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

}  // namespace

int command_bench_kernels(const Words& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  const Words flags(end == words.end() ? end : end + 1, words.end());
  const KernelShape usual;
  po::options_description options("options");
  const auto count = [](std::int64_t value, const char* letter) {
    return po::value<std::int64_t>()->default_value(value)->value_name(letter);
  };
  options.add_options()("head-dim", count(usual.head_dim, "D"), "channels of a head");
  options.add_options()("group", count(usual.group, "G"), "query heads for each KV head");
  options.add_options()("budget", count(usual.budget_tokens, "B"), "entries a head keeps");
  options.add_options()("tokens", count(usual.tokens, "N"), "of a document");
  options.add_options()("threads", count(usual.threads, "T"), "each with work of its own");
  options.add_options()("json", "print one JSON object");
  const po::variables_map values = parse_words(
      Words(words.begin(), end), "bench kernels [OPTIONS] [-- --benchmark_...=...]", options, {});
  KernelShape shape;
  shape.head_dim = whole_number(values, "head-dim", 1, 1024);
  shape.group = whole_number(values, "group", 1, 256);
  shape.budget_tokens = whole_number(values, "budget", 1, 1 << 20);
  shape.tokens = whole_number(values, "tokens", 1, 1 << 20);
  shape.threads = whole_number(values, "threads", 1, 4096);
  const KernelReport report = bench_kernels(shape, flags);
  if (values.count("json") > 0) {
    std::cout << json_line(to_json(report)) << "\n";
  } else {
    print_report(std::cout, report);
  }
  return kDone;
}

}  // namespace pressroom
