// The calibration error of predictions written down. Probabilities are multiples of 1/32, so that
// everything is exact, and what they come to was worked out on paper.
#include "ece.cpp"

#include <gtest/gtest.h>

namespace ece_test {
namespace {

struct Target {
  double probability;  // of the likeliest token
  bool is_hit;
};

DocumentMeasurements document(const std::vector<Target>& targets) {
  DocumentMeasurements measured;
  for (const Target& target : targets) {
    measured.targets.push_back(static_cast<std::int64_t>(measured.targets.size()) + 1);
    measured.is_top1.push_back(target.is_hit);
    measured.distributions.push_back({1, 0, target.probability, 0});
  }
  return measured;
}

TEST(Ece, IsWhatTheTableSays) {
  struct Case {
    std::string what;
    std::vector<std::vector<Target>> documents;
    double value;
    std::vector<std::optional<double>> of_documents;
  };
  const std::vector<Case> cases = {
      {"half of them, said with 1/2", {{{0.5, true}, {0.5, false}}}, 0, {0}},
      {"certain, and wrong", {{{1, false}}}, 1, {1}},
      {"certain, and right", {{{1, true}}}, 0, {0}},
      {"one bin, [7/15, 8/15): -0.5 + 0.46875",
       {{{0.5, false}, {0.53125, true}}},
       1.0 / 64,
       {1.0 / 64}},
      {"two bins: 0.4375 + 0.5", {{{0.4375, false}, {0.5, true}}}, 15.0 / 32, {15.0 / 32}},
      {"documents are pooled: what one says too much the other says too little",
       {{{0.5, true}, {0.25, false}}, {{0.5, false}, {0.75, true}}},
       (0.25 + 0.25) / 4,
       {(0.5 + 0.25) / 2, (0.5 + 0.25) / 2}}};
  for (const Case& c : cases) {
    const std::unique_ptr<MetricCollector> collector = Ece().make_collector();
    for (const std::vector<Target>& targets : c.documents) collector->observe(document(targets));
    const std::vector<MetricValue> values = collector->finish(CellMeasurements());
    ASSERT_EQ(values.size(), 1U) << c.what;
    EXPECT_EQ(values[0].value, c.value) << c.what;
    EXPECT_EQ(values[0].documents, c.of_documents) << c.what;
  }
}

TEST(Ece, AsksForDistributionsAlone) {
  const MeasurementNeeds needs = Ece().needs();
  EXPECT_TRUE(needs.distribution);
  EXPECT_FALSE(needs.dense || needs.tokens || needs.logits);
}

}  // namespace
}  // namespace ece_test
