// What the caches of a speed study are held to; what is worked out from its times, its figures and
// its JSON.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/decode_figures.h"
#include "bench/decode_study.h"
#include "stream_test_support.h"
#include "study_schema.h"

namespace pressroom::decode_numbers_test {
namespace {

TEST(HeldToBudget, CountsWhatWasFedSinceTheLastEvent) {
  EvictionPlan by_head;
  by_head.ranking = Ranking::kScore;
  EvictionPlan by_layer = by_head;
  by_layer.ranking = Ranking::kKeep;
  by_layer.scope = BudgetScope::kLayer;
  EvictionPlan by_threshold = by_layer;
  by_threshold.scope = BudgetScope::kNone;
  const EvictionPlan dense;
  const struct {
    const EvictionPlan& plan;
    std::optional<std::int64_t> since;
    std::int64_t entries, most;
    bool allowed;
  } cases[] = {// Four heads with a budget of 10 each.
               {by_head, 0, 40, 10, true},      {by_head, 0, 40, 11, false},
               {by_head, 0, 41, 10, false},     {by_head, 3, 52, 13, true},
               {by_head, 3, 49, 14, false},     {by_head, {}, 400, 100, true},
               {by_layer, 0, 40, 37, true},     {by_layer, 0, 41, 20, false},
               {by_threshold, 0, 90, 30, true}, {dense, 0, 400, 100, true}};
  for (const auto& example : cases) {
    SequenceSizes held;
    held.entries = example.entries;
    held.most_entries = example.most;
    const auto check = [&] {
      check_held_to_budget(example.plan, 10, example.since, held, 4, "h2o");
    };
    if (example.allowed) {
      EXPECT_NO_THROW(check()) << example.entries << " " << example.most;
    } else {
      EXPECT_EQ(problem_of(check).what, "a cache holds more than its budget");
    }
  }
}

// A study of two lengths whose times were set by hand, in milliseconds a token.
class StudyNumbers : public ::testing::Test {
 protected:
  StudyNumbers() {
    study_.lengths = {100, 200};
    study_.sequences = {1, 8};
    study_.precision = 0.02;
    study_.most_repeats = 3;
    study_.warmup_tokens = 1;
    study_.tokens = 2;
    study_.budget_tokens = 10;
    study_.threads = 2;
    study_.model = "tiny";
    study_.blas = "OpenBLAS";
    study_.ids_sha256 = std::string(64, 'a');
    study_.weight_bytes = 1000000;
    study_.read_bandwidth = {1e9, 4e9, 2e9};
    add("dense", WeightDtype::kFloat32, 100, 1, {{10, 10}, {12, 12}, {8, 8}});
    add("h2o", WeightDtype::kFloat32, 100, 1, {{4, 6}});
    add("dense", WeightDtype::kBfloat16, 100, 1, {{7, 9}});
    add("dense", WeightDtype::kFloat32, 100, 8, {{20, 20}});
    add("h2o", WeightDtype::kFloat32, 100, 8, {{16, 16}});
    add("dense", WeightDtype::kFloat32, 200, 8, {{40, 40}});
    add("h2o", WeightDtype::kFloat32, 200, 8, {{16, 16}});
  }

  void add(const std::string& name, WeightDtype dtype, std::int64_t length, std::int64_t sequences,
           const std::vector<std::vector<double>>& repeats_ms) {
    StudiedRun run;
    run.method.name = run.method.label = name;
    run.is_dense = name == "dense";
    run.dtype = dtype;
    run.shape = {length, 1, 2, sequences, 0};
    run.weight_bytes = 800000;
    for (const std::vector<double>& steps_ms : repeats_ms) {
      DecodeRepeat repeat;
      for (const double ms : steps_ms) repeat.step_seconds.push_back(ms / 1e3);
      repeat.prefill_seconds = 0.5;
      repeat.kv_bytes_per_step = 200000;
      repeat.held = {40, 10, 3000000, 4000000, 17};
      run.repeats.push_back(repeat);
    }
    study_.runs.push_back(run);
  }

  DecodeStudy study_;
};

TEST_F(StudyNumbers, AreOfMeansOfRepeats) {
  const StudiedRun& dense = study_.runs[0];
  EXPECT_DOUBLE_EQ(study_.mean_ms(dense).mean, 10);
  EXPECT_DOUBLE_EQ(study_.quantile_ms(dense, 0.5), 10);
  EXPECT_DOUBLE_EQ(study_.quantile_ms(dense, 1), 12);
  EXPECT_DOUBLE_EQ(study_.tokens_per_second(dense), 100);
  EXPECT_FALSE(study_.is_precise(dense));
  // A million bytes in 10 ms, of 2 GB/s.
  EXPECT_DOUBLE_EQ(study_.bytes_per_second(dense), 1e8);
  EXPECT_DOUBLE_EQ(*study_.bandwidth_share(dense), 0.05);
  study_.read_bandwidth.clear();
  EXPECT_FALSE(study_.bandwidth_share(dense));
}

TEST_F(StudyNumbers, CompareWithDenseBesideARunAndWithItsFastest) {
  const struct {
    std::size_t run, dense, fastest;
    double speedup, over_fastest;
  } cases[] = {{0, 0, 2, 1, 0.8}, {1, 0, 2, 2, 1.6},     {2, 2, 2, 1, 1},
               {3, 3, 3, 1, 1},   {4, 3, 3, 1.25, 1.25}, {6, 5, 5, 2.5, 2.5}};
  for (const auto& example : cases) {
    const StudiedRun& run = study_.runs[example.run];
    EXPECT_EQ(&study_.dense(run), &study_.runs[example.dense]) << example.run;
    EXPECT_EQ(&study_.fastest_dense(run), &study_.runs[example.fastest]) << example.run;
    EXPECT_DOUBLE_EQ(study_.speedup(run), example.speedup) << example.run;
    EXPECT_DOUBLE_EQ(study_.speedup_over_fastest(run), example.over_fastest) << example.run;
  }
}

// The machine takes twice as long from the fourth round on, when dense is known and measured no
// more; the mean of all of a run's repeats would make of its three quarters a speed-up below 1.
TEST_F(StudyNumbers, CompareTheRoundsThatBothWereIn) {
  study_.runs.clear();
  add("dense", WeightDtype::kFloat32, 100, 1, {{10, 10}, {12, 12}, {14, 14}});
  add("h2o", WeightDtype::kFloat32, 100, 1, {{7, 8}, {9, 9}, {10, 11}, {20, 20}, {20, 20}});
  // Over the shared three rounds slower than dense's 36, over its two the fastest of all.
  add("dense", WeightDtype::kBfloat16, 100, 1, {{4, 4}, {5, 5}, {30, 30}});
  add("h2o", WeightDtype::kFloat32, 100, 8, {{14, 14}, {24, 24}});
  const StudiedRun& h2o = study_.runs[1];
  EXPECT_DOUBLE_EQ(study_.mean_ms(h2o).mean, 13.4);  // of all rounds
  EXPECT_DOUBLE_EQ(study_.speedup(h2o), 36 / 27.0);
  EXPECT_EQ(&study_.fastest_dense(h2o), &study_.runs[0]);
  EXPECT_DOUBLE_EQ(study_.speedup_over_fastest(h2o), 36 / 27.0);
  study_.runs[2].repeats.pop_back();  // 4 and 5 against 7.5 and 9
  EXPECT_EQ(&study_.fastest_dense(h2o), &study_.runs[2]);
  EXPECT_DOUBLE_EQ(study_.speedup_over_fastest(h2o), 9 / 16.5);
  EXPECT_DOUBLE_EQ(*study_.ratio_to_one_sequence(study_.runs[3]), 8 * 16.5 / 38);
}

// By hand: the logarithms of 4 / 7.5, 5 / 9 and 30 / 10.5, and t(0.975, 2) = 4.3026527.
TEST_F(StudyNumbers, SayHowWellASpeedupIsKnown) {
  study_.runs.clear();
  add("dense", WeightDtype::kFloat32, 100, 1, {{4, 4}, {5, 5}, {30, 30}});
  add("h2o", WeightDtype::kFloat32, 100, 1, {{7, 8}, {9, 9}, {10, 11}, {20, 20}});
  const std::optional<Interval> known = study_.speedup_interval(study_.runs[1]);
  ASSERT_TRUE(known);
  EXPECT_NEAR(known->low, 0.087683107, 1e-8);
  EXPECT_NEAR(known->high, 10.2060147, 1e-6);
  EXPECT_FALSE(study_.speedup_interval(study_.runs[0]));  // it is its own baseline
  study_.runs[0].repeats.resize(1);
  EXPECT_FALSE(study_.speedup_interval(study_.runs[1]));
}

// A run that was in the first two rounds alone has not seen what memory gave in the third.
TEST_F(StudyNumbers, TakeTheBandwidthOfARunsOwnRounds) {
  study_.read_bandwidth = {1e9, std::nullopt, 4e9};
  EXPECT_DOUBLE_EQ(*study_.bandwidth_share(study_.runs[0]), 1e8 / 2.5e9);  // three rounds
  EXPECT_DOUBLE_EQ(*study_.bandwidth_share(study_.runs[1]), 2e8 / 1e9);    // one
}

TEST_F(StudyNumbers, CountTheTokensOfAllSequences) {
  EXPECT_DOUBLE_EQ(study_.tokens_per_second(study_.runs[4]), 500);
  EXPECT_DOUBLE_EQ(*study_.ratio_to_one_sequence(study_.runs[4]), 2.5);  // one has 200
  EXPECT_DOUBLE_EQ(*study_.ratio_to_one_sequence(study_.runs[3]), 4);
  EXPECT_DOUBLE_EQ(*study_.ratio_to_one_sequence(study_.runs[0]), 1);
  EXPECT_FALSE(study_.ratio_to_one_sequence(study_.runs[6]));  // not run alone at that length
}

TEST_F(StudyNumbers, AreDrawnAgainstLength) {
  const std::vector<Figure> figures = decode_figures(study_);
  std::vector<std::string> ids;
  for (const Figure& figure : figures) ids.push_back(figure.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"decode_ms_s1", "decode_kv_s1", "decode_ms_s8",
                                           "decode_kv_s8"}));
  ASSERT_EQ(figures[0].series.size(), 3U);
  EXPECT_EQ(figures[0].series[2].name, "dense, bfloat16");
  EXPECT_DOUBLE_EQ(figures[0].series[2].points.at(0).y, 8);
  ASSERT_EQ(figures[2].series.size(), 2U);
  const FigureSeries& h2o = figures[2].series[1];
  ASSERT_EQ(h2o.points.size(), 2U);
  EXPECT_EQ(h2o.points[1].x, 200);
  EXPECT_DOUBLE_EQ(h2o.points[1].y, 16);
  EXPECT_DOUBLE_EQ(figures[1].series[1].points.at(0).y, 3);  // MB
}

TEST_F(StudyNumbers, AreWhatTheirSchemaSays) {
  expect_valid_study(study_);
  const nlohmann::ordered_json json = to_json(study_);
  EXPECT_EQ(json["read_gigabytes_per_second"], 2);
  EXPECT_EQ(json["results"][1]["mode"], "h2o");
  EXPECT_EQ(json["results"][1]["fastest_dense_dtype"], "bfloat16");
  EXPECT_EQ(json["results"][1]["kv_cache_size"], 10);
  EXPECT_TRUE(json["results"][1]["ci95_decode_latency_ms"].is_null());
  EXPECT_EQ(json["results"][0]["num_runs"], 3);
  study_.read_bandwidth.clear();
  study_.left_out = {{WeightDtype::kFloat16, "too large"}};
  expect_valid_study(study_);
}

}  // namespace
}  // namespace pressroom::decode_numbers_test
