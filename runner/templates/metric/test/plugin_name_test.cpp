// What plugin_name gives for losses written down. A row of the table is a case: add some.
#include "plugin_name.cpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pressroom::plugin_name_test {
namespace {

TEST(PluginName, HasTheValueThatTheTableSays) {
  struct Case {
    std::string what;
    std::vector<std::vector<double>> nll_nats;  // of each target of each document
    double value;
    std::vector<std::optional<double>> documents;  // of each alone
  };
  const std::vector<Case> cases = {
      {"one document: its mean", {{1, 3}}, 2, {2}},
      {"of two the worse", {{1, 3}, {2, 6}}, 4, {2, 4}},
      {"a long one hides nothing", {{5}, {1, 1, 1, 1, 1, 1}}, 5, {5, 1}},
      {"a document without targets counts for nothing", {{}, {1, 3}}, 2, {std::nullopt, 2}},
  };
  for (const Case& c : cases) {
    const std::unique_ptr<MetricCollector> collector = PluginNameMetric().make_collector();
    for (const std::vector<double>& nll_nats : c.nll_nats) {
      DocumentMeasurements document;
      document.nll_nats = nll_nats;
      collector->observe(document);
    }
    const std::vector<MetricValue> values = collector->finish(CellMeasurements());
    ASSERT_EQ(values.size(), 1U) << c.what;
    EXPECT_EQ(values[0].name, "plugin_name");
    EXPECT_DOUBLE_EQ(values[0].value, c.value) << c.what;
    EXPECT_EQ(values[0].documents, c.documents) << c.what;
  }
}

}  // namespace
}  // namespace pressroom::plugin_name_test
