// The metric throughput, as the plugin it is, on steps made by hand.
#include <gtest/gtest.h>

#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::throughput_test {
namespace {

// The value called `name`, absent where there is none.
std::optional<double> measured(const std::string& name, std::int64_t last,
                               const std::vector<std::vector<double>>& documents) {
  static PluginHost host({plugin_dir()});
  const std::unique_ptr<Metric> metric = host.make_metric("throughput");
  metric->configure(Parameters({{"last", last}}));
  const std::unique_ptr<MetricCollector> collector = metric->make_collector();
  for (const std::vector<double>& seconds : documents) {
    DocumentMeasurements document;
    document.step_seconds = seconds;
    collector->observe(document);
  }
  CellMeasurements cell;
  cell.tokens = 300;
  cell.seconds = 2;
  for (const MetricValue& value : collector->finish(cell)) {
    if (value.name == name) return value.value;
  }
  return std::nullopt;
}

TEST(Throughput, MeanLatencyIsOfTheLastStepsOfEachDocument) {
  struct Case {
    std::string what;
    std::int64_t last;
    std::vector<std::vector<double>> documents;
    std::optional<double> mean;
  };
  const std::vector<Case> cases = {
      {"the last two of one", 2, {{8, 4, 1, 3}}, 2},
      {"the last two of each", 2, {{8, 1, 3}, {8, 5, 7}}, 4},
      {"all where there are fewer", 9, {{8, 1, 3}}, 4},
      {"not asked for", 0, {{8, 1, 3}}, std::nullopt},
      {"replayed: there are no steps", 2, {{}, {}}, std::nullopt},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(measured("decode_latency_mean", c.last, c.documents), c.mean) << c.what;
  }
}

TEST(Throughput, IsAllTokensOverTheTimeOfTheCellAndQuantilesAreOfAllSteps) {
  EXPECT_EQ(measured("tokens_per_second", 2, {{8, 4, 1, 3}}), 150);
  EXPECT_EQ(measured("step_latency_p50", 2, {{8, 4, 1, 3}}), 3);
  EXPECT_EQ(measured("step_latency_p95", 2, {{8, 4, 1, 3}}), 8);
  EXPECT_EQ(measured("step_latency_p50", 2, {{}}), std::nullopt);
}

}  // namespace
}  // namespace pressroom::throughput_test
