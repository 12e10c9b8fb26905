#include "bench/kernel_bench.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/timing.h"
#include "model/products.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr const char* kCalls = "calls";

// Keeps what was measured instead of printing it.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto calls = run.counters.find(kCalls);
      if (run.run_type != Run::RT_Iteration || calls == run.counters.end()) continue;
      calls_per_second[run.run_name.function_name].push_back(calls->second.value);
    }
  }

  std::map<std::string, std::vector<double>> calls_per_second;
};

void check_shape(const KernelShape& shape) {
  const struct {
    const char* name;
    std::int64_t value, most;
  } numbers[] = {{"head_dim", shape.head_dim, 1024},
                 {"group", shape.group, 256},
                 {"budget", shape.budget_tokens, 1 << 20},
                 {"tokens", shape.tokens, 1 << 20},
                 {"threads", shape.threads, 4096}};
  for (const auto& number : numbers) {
    if (number.value >= 1 && number.value <= number.most) continue;
    throw Error({std::string(number.name) + " is out of range", "",
                 "1 .. " + std::to_string(number.most), std::to_string(number.value), ""});
  }
}

// Hands `flags` to the library, after what is ours by default.
void initialize(const std::vector<std::string>& flags) {
  std::vector<std::string> words = {"pressroom", "--benchmark_repetitions=5",
                                    "--benchmark_enable_random_interleaving=true",
                                    "--benchmark_min_time=0.1"};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  auto count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (count == 1) return;
  throw Error({"Google Benchmark does not know this", "", "its flags, --benchmark_...=...",
               arguments[1], "see https://github.com/google/benchmark, docs/user_guide.md"});
}

void register_case(const KernelCase& kernel, const KernelShape& shape) {
  benchmark::RegisterBenchmark(
      kernel.name.c_str(),
      [kernel, shape](benchmark::State& state) {
        set_product_threads(1);
        const std::function<void()> call = kernel.prepare(shape);
        call();
        for (auto _ : state) {
          call();
          benchmark::ClobberMemory();
        }
        const auto calls = static_cast<double>(state.iterations());
        state.counters[kCalls] = benchmark::Counter(calls, benchmark::Counter::kIsRate);
        state.counters["bytes"] =
            benchmark::Counter(calls * kernel.bytes, benchmark::Counter::kIsRate);
        state.counters["flops"] =
            benchmark::Counter(calls * kernel.flops, benchmark::Counter::kIsRate);
      })
      ->UseRealTime()
      ->Threads(static_cast<int>(shape.threads));
}

}  // namespace

double KernelFigure::median_calls_per_second() const { return spread_of(calls_per_second).median; }

const KernelFigure* KernelReport::find(const std::string& name) const {
  const auto is_it = [&](const KernelFigure& figure) { return figure.name == name; };
  const auto found = std::find_if(figures.begin(), figures.end(), is_it);
  return found == figures.end() ? nullptr : &*found;
}

std::optional<KernelReport::Fraction> KernelReport::fraction_of_limit(
    const KernelFigure& figure) const {
  const KernelFigure* copy = find("copy_cache");
  const KernelFigure* product = find("product");
  const bool is_limit = figure.name == "copy_memory" || &figure == copy || &figure == product;
  if (is_limit || copy == nullptr || product == nullptr) return std::nullopt;
  const double by_copy = figure.gigabytes_per_second() / copy->gigabytes_per_second();
  const double by_product = figure.gigaflops_per_second() / product->gigaflops_per_second();
  if (by_copy > by_product) return Fraction{by_copy, copy->name};
  return Fraction{by_product, product->name};
}

KernelReport bench_kernels(const KernelShape& shape, const std::vector<std::string>& flags) {
  check_shape(shape);
  initialize(flags);
  const std::vector<KernelCase> cases = kernel_cases(shape);
  for (const KernelCase& kernel : cases) register_case(kernel, shape);
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  benchmark::ClearRegisteredBenchmarks();
  KernelReport report;
  report.shape = shape;
  for (const KernelCase& kernel : cases) {
    const auto found = collector.calls_per_second.find(kernel.name);
    if (found == collector.calls_per_second.end()) continue;
    report.figures.push_back({kernel.name, kernel.bytes, kernel.flops, found->second});
  }
  return report;
}

nlohmann::ordered_json to_json(const KernelReport& report) {
  using Json = nlohmann::ordered_json;
  const KernelShape& shape = report.shape;
  Json figures = Json::array();
  for (const KernelFigure& figure : report.figures) {
    Json json = {{"name", figure.name},
                 {"bytes", figure.bytes},
                 {"flops", figure.flops},
                 {"calls_per_second", figure.calls_per_second},
                 {"gigabytes_per_second", figure.gigabytes_per_second()},
                 {"gigaflops_per_second", figure.gigaflops_per_second()},
                 {"limit", nullptr},
                 {"fraction_of_limit", nullptr}};
    if (const auto fraction = report.fraction_of_limit(figure)) {
      json["limit"] = fraction->limit;
      json["fraction_of_limit"] = fraction->value;
    }
    figures.push_back(json);
  }
  return {{"head_dim", shape.head_dim},
          {"group", shape.group},
          {"budget_tokens", shape.budget_tokens},
          {"tokens", shape.tokens},
          {"threads", shape.threads},
          {"figures", figures}};
}

}  // namespace pressroom
