#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/bench_json.h"
#include "bench/kernel_bench.h"
#include "bench_text.h"
#include "command.h"

namespace pressroom {

namespace po = boost::program_options;

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
    std::cout << to_json(report).dump() << "\n";
  } else {
    print_report(std::cout, report);
  }
  return kDone;
}

}  // namespace pressroom
