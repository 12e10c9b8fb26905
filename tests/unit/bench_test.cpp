#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/process_memory.h"
#include "bench/document_bench.h"
#include "bench/kernel_bench.h"
#include "bench/read_bandwidth.h"
#include "bench/timing.h"
#include "plugin_test_support.h"
#include "stream_test_support.h"
#include "test_folders.h"
#include "tiny_model.h"

namespace pressroom::bench_test {
namespace {

TEST(BenchSpread, IsThatOfSortedSamples) {
  const struct {
    std::vector<double> samples;
    double least, median, most;
  } cases[] = {{{3}, 3, 3, 3}, {{4, 1}, 1, 2.5, 4}, {{5, 1, 9}, 1, 5, 9}, {{8, 2, 4, 6}, 2, 5, 8}};
  for (const auto& example : cases) {
    const Spread spread = spread_of(example.samples);
    EXPECT_EQ(spread.least, example.least);
    EXPECT_EQ(spread.median, example.median);
    EXPECT_EQ(spread.most, example.most);
  }
}

TEST(BenchSpread, InterpolatesQuantiles) {
  EXPECT_DOUBLE_EQ(quantile({40, 10, 20, 50, 30}, 0.25), 20);
  EXPECT_DOUBLE_EQ(quantile({40, 10, 20, 50, 30}, 0.95), 48);
  EXPECT_DOUBLE_EQ(quantile({0, 1}, 0.3), 0.3);
}

TEST(BenchRoundRobin, WarmsUpThenTakesTurns) {
  std::string order;
  const auto call = [&](char name, double seconds) {
    return [&order, name, seconds] {
      order += name;
      return seconds;
    };
  };
  const auto seconds = time_round_robin(
      {{call('a', 1), 3, true}, {call('b', 10), 1, false}, {call('c', 100), 2, true}});
  EXPECT_EQ(order, "acabcaca");
  const std::vector<std::vector<double>> expected = {{1, 1, 1}, {10}, {100, 100}};
  EXPECT_EQ(seconds, expected);
}

TEST(BenchMemory, SeesThePeakOfOneCallAlone) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer holds on to memory that was freed";
#endif
  constexpr std::int64_t kMegabyte = 1 << 20;
  const auto before = resident_bytes();
  const auto large = peak_resident_bytes([] { std::vector<char>(96 * kMegabyte, 'x'); });
  const auto small = peak_resident_bytes([] { std::vector<char>(kMegabyte, 'x'); });
  if (!before || !large) GTEST_SKIP() << "/proc does not tell the peak of resident memory here";
  EXPECT_GE(*large - *before, 90 * kMegabyte);
  EXPECT_LE(*large - *before, 160 * kMegabyte);
  EXPECT_LE(*small - *before, 64 * kMegabyte);
}

TEST(BenchBandwidth, ReadsMoreThanCachesHoldAndNoMoreThanThereIsRoomFor) {
  constexpr std::int64_t kMegabyte = 1 << 20;
  const struct {
    std::int64_t cache, available, read;  // megabytes; available below zero: not known
  } cases[] = {{0, 8000, 256},   {32, 8000, 256},  {100, 8000, 400}, {2000, 64000, 4096},
               {100, 1400, 350}, {100, 1200, 300}, {100, 1000, 0},   {200, 2000, 500},
               {200, 1596, 0},   {32, 1023, 0},    {0, 0, 0},        {32, -1, 256},
               {256, -1, 0}};
  for (const auto& example : cases) {
    std::optional<std::int64_t> available;
    if (example.available >= 0) available = example.available * kMegabyte;
    EXPECT_EQ(bandwidth_bytes(example.cache * kMegabyte, available), example.read * kMegabyte)
        << example.cache << " " << example.available;
  }
}

TEST(BenchKernels, CountsTheEntriesThatQueriesSee) {
  for (const std::int64_t tokens : {1, 2, 7, 40}) {
    for (const std::int64_t others : {1, 3, 6, 40, 100}) {
      double seen = 0;
      for (std::int64_t t = 0; t < tokens; ++t) seen += std::min(t, others) + 1;
      EXPECT_EQ(entries_seen(tokens, others), seen) << tokens << " " << others;
    }
  }
}

TEST(BenchKernels, CountsBytesAndOperationsOfACall) {
  KernelShape shape;
  shape.head_dim = 4;
  shape.group = 2;
  shape.budget_tokens = 3;
  shape.tokens = 5;
  // A query of the group and its output are 2 * 2 * 4 floats, an entry 2 * 4; a query and an entry
  // that meet take 2 * 2 * 4 multiplications, and an addition for each. The 5 queries see
  // 1 + 2 + 3 + 4 + 4 entries under the budget, 15 without one.
  const struct {
    const char* name;
    double bytes, flops;
  } expected[] = {
      {"slot_kernel", 64 + 4 * 32, 4 * 32},       {"slot_document", 5 * 64 + 14 * 32, 14 * 32},
      {"masked_dense", 5 * 64 + 5 * 32, 15 * 32}, {"masked_window", 5 * 64 + 5 * 32, 14 * 32},
      {"copy_cache", 2 * 4 * 4 * 4, 0},           {"product", 12582912, 2147483648.0}};
  std::vector<std::string> names;
  for (const KernelCase& kernel : kernel_cases(shape)) {
    names.push_back(kernel.name);
    for (const auto& figure : expected) {
      if (kernel.name != figure.name) continue;
      EXPECT_EQ(kernel.bytes, figure.bytes) << kernel.name;
      EXPECT_EQ(kernel.flops, figure.flops) << kernel.name;
    }
  }
  const std::vector<std::string> order = {"copy_memory",  "copy_cache",    "product",
                                          "slot_kernel",  "slot_document", "masked_dense",
                                          "masked_window"};
  EXPECT_EQ(names, order);
}

TEST(BenchKernels, ComparesWithTheLimitThatTakesLonger) {
  KernelReport report;
  report.figures = {{"copy_cache", 1e9, 0, {50}},   // 50 GB/s
                    {"product", 1e9, 1e9, {200}},   // 200 GF/s
                    {"a", 1e9, 1e9, {30, 20, 10}},  // 20 GB/s, 20 GF/s: 0.4 and 0.1
                    {"b", 1e9, 10e9, {10}}};        // 10 GB/s, 100 GF/s: 0.2 and 0.5
  EXPECT_FALSE(report.fraction_of_limit(report.figures[0]));
  EXPECT_FALSE(report.fraction_of_limit(report.figures[1]));
  const auto a = report.fraction_of_limit(report.figures[2]);
  EXPECT_DOUBLE_EQ(a->value, 0.4);
  EXPECT_EQ(a->limit, "copy_cache");
  const auto b = report.fraction_of_limit(report.figures[3]);
  EXPECT_DOUBLE_EQ(b->value, 0.5);
  EXPECT_EQ(b->limit, "product");
  const nlohmann::ordered_json json = to_json(report);
  EXPECT_EQ(json["figures"][3]["gigaflops_per_second"], 100);
  EXPECT_EQ(json["figures"][3]["limit"], "product");
  EXPECT_TRUE(json["figures"][0]["fraction_of_limit"].is_null());
  report.figures.erase(report.figures.begin());
  EXPECT_FALSE(report.fraction_of_limit(report.figures.back()));
}

TEST(BenchKernels, RunsWhatTheFilterLeaves) {
  KernelShape shape;
  shape.head_dim = 8;
  shape.budget_tokens = 16;
  shape.tokens = 48;
  shape.threads = 2;
  const KernelReport report =
      bench_kernels(shape, {"--benchmark_filter=slot|masked", "--benchmark_repetitions=2",
                            "--benchmark_min_time=0.001"});
  std::vector<std::string> names;
  for (const KernelFigure& figure : report.figures) {
    names.push_back(figure.name);
    EXPECT_EQ(figure.calls_per_second.size(), 2U);
    EXPECT_GT(figure.gigaflops_per_second(), 0);
  }
  const std::vector<std::string> expected = {"slot_kernel", "slot_document", "masked_dense",
                                             "masked_window"};
  EXPECT_EQ(names, expected);
}

TEST(BenchKernels, RefusesUnknownFlagsAndShapes) {
  EXPECT_EQ(problem_of([] { bench_kernels({}, {"--benchmark_speed=9"}); }).got,
            "--benchmark_speed=9");
  KernelShape shape;
  shape.head_dim = 0;
  EXPECT_EQ(problem_of([&] { bench_kernels(shape, {}); }).got, "0");
}

class BenchDocuments : public ::testing::Test {
 protected:
  BenchDocuments()
      : tiny_(TinyShape(), RandomKey(3)), ids_(random_ids(40, TinyShape(), RandomKey(4))) {
    request_.model = tiny_.directory().string();
    request_.ids_file = (folder_.path() / "ids.json").string();
    std::ofstream(request_.ids_file) << nlohmann::json(ids_).dump();
    request_.tokens = 20;
    request_.documents = 2;
    request_.budget_tokens = 8;
    request_.threads = 1;
    request_.repeats = 3;
  }

  PluginUse use(const std::string& yaml) {
    return parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_);
  }
  std::vector<std::string> plan() {
    std::vector<std::string> names;
    for (const BenchRun& run : planned_runs(request_, host_)) {
      names.push_back(run.method.name + " " + to_string(run.engine) + " " +
                      to_string(run.positions) + " " + std::to_string(run.tokens) + " x " +
                      std::to_string(run.repeats));
    }
    return names;
  }

  ScratchFolder folder_;
  TinyModel tiny_;
  std::vector<std::int64_t> ids_;
  PluginHost host_{{plugin_dir()}};
  BenchRequest request_;
};

TEST_F(BenchDocuments, PlansDenseFirstAndCacheIndexTwice) {
  request_.methods = {use("{name: h2o, recent: 2}"), use("dense"),
                      use("{name: streaming_llm, sinks: 2}")};
  request_.decoded = {use("{name: h2o, recent: 2}")};
  request_.decode_tokens = 12;
  request_.decode_repeats = 2;
  const std::vector<std::string> expected = {
      "dense replay original 20 x 3", "h2o replay original 20 x 3",
      "streaming_llm replay cache_index 20 x 3", "streaming_llm replay original 20 x 3",
      "h2o decode original 12 x 2"};
  EXPECT_EQ(plan(), expected);
  request_.positions = Positions::kCacheIndex;
  const std::vector<std::string> at_cache_index = {
      "dense replay cache_index 20 x 3", "h2o replay cache_index 20 x 3",
      "streaming_llm replay cache_index 20 x 3", "h2o decode cache_index 12 x 2"};
  EXPECT_EQ(plan(), at_cache_index);
}

TEST_F(BenchDocuments, RefusesBudgetsUnderWhichNothingIsMeasured) {
  request_.methods = {use("knorm")};
  request_.budget_tokens = 20;
  EXPECT_EQ(problem_of([&] { plan(); }).what, "nothing would be evicted");
  request_.budget_tokens = 8;
  request_.decoded = request_.methods;
  request_.decode_tokens = 8;
  EXPECT_EQ(problem_of([&] { plan(); }).what, "nothing would be evicted");
  request_.methods = {use("{name: h2o, recent: 9}")};
  EXPECT_THROW(plan(), Error);
}

TEST_F(BenchDocuments, RefusesATextThatIsTooShort) {
  request_.methods = {use("dense")};
  request_.documents = 3;
  const Problem problem = problem_of([&] { bench_documents(request_, host_, RunControl()); });
  EXPECT_EQ(problem.expected, "60 tokens");
  EXPECT_EQ(problem.got, "40");
}

// What it times is held to what holds in every run.
TEST_F(BenchDocuments, RefusesARunThatBreaksAnInvariant) {
  request_.methods = {use("{name: dms, threshold: 1e9, window: 0, inner: knorm}")};
  EXPECT_THROW(bench_documents(request_, host_, RunControl()), Error);
}

TEST_F(BenchDocuments, MeasuresTheRunsThatOthersMake) {
  request_.methods = {use("{name: h2o, recent: 2}")};
  request_.decoded = request_.methods;
  request_.decode_repeats = 2;
  std::vector<std::int64_t> announced;
  request_.on_run = [&](std::int64_t done, std::int64_t all, const std::string&) {
    EXPECT_EQ(all, 4 + 4 + 2);
    announced.push_back(done);
  };
  const BenchReport report = bench_documents(request_, host_, RunControl());
  EXPECT_EQ(announced, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  ASSERT_EQ(report.runs.size(), 3U);
  EXPECT_EQ(report.runs[0].seconds.size(), 3U);
  EXPECT_EQ(report.runs[2].seconds.size(), 2U);
  EXPECT_TRUE(report.runs[1].step_seconds.empty());
  EXPECT_EQ(report.runs[2].step_seconds.size(), 2U * 2 * 20);
  EXPECT_EQ(report.ratio_to_baseline(report.runs[0]), 1);

  const auto method = plugin_method("h2o", {{"recent", tokens(2)}});
  double sum = 0;
  for (const std::int64_t first : {0, 20}) {
    const std::vector<std::int64_t> ids(ids_.begin() + first, ids_.begin() + first + 20);
    for (const double nll : run_one(tiny_.model(), *method, settings_of(*method, 8), ids).nll_nats)
      sum += nll;
  }
  EXPECT_NEAR(report.runs[1].mean_nll, sum / 38, 1e-5);
  EXPECT_NEAR(report.runs[2].mean_nll, sum / 38, 1e-12);
  EXPECT_NE(report.runs[0].mean_nll, report.runs[1].mean_nll);
}

TEST_F(BenchDocuments, HoldsKeysAndValuesAsAMethodSays) {
  request_.methods = {use("{name: knorm, kv_dtype: q8}"), use("knorm")};
  request_.decoded = {request_.methods.front()};
  request_.documents = 1;
  const BenchReport report = bench_documents(request_, host_, RunControl());
  ASSERT_EQ(report.runs.size(), 4U);
  const auto method = plugin_method("knorm");
  RunSettings settings = settings_of(*method, 8);
  settings.kv_dtype = KvDtype::kQ8;
  const std::vector<std::int64_t> ids(ids_.begin(), ids_.begin() + 20);
  for (const std::size_t i : {1, 3}) {
    const BenchRun& run = report.runs[i];
    EXPECT_EQ(run.method.label, "knorm_q8");
    const DocumentRun same =
        run_documents(run.engine, tiny_.model(), *method, settings, {{"one", ids}}, RunControl())
            .front();
    double sum = 0;
    for (const double nll : same.nll_nats) sum += nll;
    EXPECT_NEAR(run.mean_nll, sum / 19, 1e-12) << to_string(run.engine);
    EXPECT_NE(run.mean_nll, report.runs[2].mean_nll) << to_string(run.engine);
  }
  EXPECT_EQ(report.runs[2].method.label, "knorm");
}

TEST(BenchReport, ComparesTimesForATokenByMedians) {
  BenchReport report;
  report.documents = 2;
  report.runs.resize(2);
  report.runs[0].tokens = 100;
  report.runs[0].seconds = {9, 2, 1};  // 100 tokens a second
  report.runs[0].peak_bytes = 12;
  report.runs[1].tokens = 50;
  report.runs[1].engine = Engine::kDecode;
  report.runs[1].seconds = {10};  // 10 tokens a second
  report.runs[1].step_seconds = {0.1, 0.2, 0.3};
  EXPECT_DOUBLE_EQ(report.tokens_per_second(report.runs[0]), 100);
  EXPECT_DOUBLE_EQ(report.ratio_to_baseline(report.runs[1]), 10);

  const nlohmann::ordered_json json = to_json(report);
  EXPECT_EQ(json["runs"][0]["median_seconds"], 2);
  EXPECT_EQ(json["runs"][0]["min_seconds"], 1);
  EXPECT_EQ(json["runs"][0]["max_seconds"], 9);
  EXPECT_EQ(json["runs"][0]["peak_bytes_above_loaded"], 12);
  EXPECT_FALSE(json["runs"][0].contains("step_ms_p50"));
  EXPECT_TRUE(json["runs"][1]["peak_bytes_above_loaded"].is_null());
  EXPECT_DOUBLE_EQ(json["runs"][1]["step_ms_p50"], 200);
  EXPECT_DOUBLE_EQ(json["runs"][1]["step_ms_p95"], 290);
}

}  // namespace
}  // namespace pressroom::bench_test
