#include "stats/interpolate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pressroom/error.h"
#include "result_builder.h"
#include "stats/cell_groups.h"
#include "stats/pairing.h"

namespace pressroom::interpolate_test {
namespace {

CellResult cell(const std::string& method, double sparsity, std::uint64_t seed, double kept,
                const std::vector<double>& mean_nlls) {
  CellResult result = made_cell(method, sparsity, seed, mean_nlls);
  add_metric(result, "kept_ratio", kept);
  return result;
}

// kvzap keeps 0.4 where h2o was run at 0.5 and 0.25 of the entries.
std::vector<CellResult> sweep() {
  return {cell("dense", 0, 42, 1, {2.0, 3.0}), cell("kvzap", 0.5, 42, 0.4, {2.2, 3.1}),
          cell("h2o", 0.5, 42, 0.5, {2.1, 3.2}), cell("h2o", 0.75, 42, 0.25, {2.6, 3.4})};
}

const CellResult* find(const Interpolated& at, const std::string& method, std::uint64_t seed = 42) {
  for (const CellResult& result : at.results) {
    if (result.cell.method == method && result.cell.seed == seed) return &result;
  }
  return nullptr;
}

std::string message(const std::vector<CellResult>& results, const std::string& to) {
  try {
    interpolated_at(results, "dense", to);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Interpolate, ReadsEachDocumentOffTheLineBetweenTheTwoNearestRuns) {
  const Interpolated at = interpolated_at(sweep(), "dense", "kvzap");
  ASSERT_EQ(at.results.size(), 3u);
  EXPECT_TRUE(at.not_bracketed.empty());
  const CellResult* h2o = find(at, "h2o");
  ASSERT_NE(h2o, nullptr);
  // 0.4 is three fifths of the way from 0.25 to 0.5.
  ASSERT_EQ(h2o->documents.size(), 2u);
  EXPECT_NEAR(h2o->documents[0].mean_nll_nats(), 0.4 * 2.6 + 0.6 * 2.1, 1e-14);
  EXPECT_NEAR(h2o->documents[1].mean_nll_nats(), 0.4 * 3.4 + 0.6 * 3.2, 1e-14);
  EXPECT_EQ(h2o->documents[0].ids_sha256, "ids-0");
  EXPECT_EQ(h2o->documents[0].targets.size(), 4u);
  EXPECT_EQ(h2o->documents[0].kept_sha256, "");
  const double mean = (0.4 * 2.6 + 0.6 * 2.1 + 0.4 * 3.4 + 0.6 * 3.2) / 2;
  EXPECT_NEAR(h2o->metric("cross_entropy")->value, mean, 1e-14);
  EXPECT_NEAR(h2o->metric("perplexity")->value, std::exp(mean), 1e-12);
  EXPECT_EQ(h2o->metric("kept_ratio")->value, 0.4);
}

TEST(Interpolate, AllMethodsCarryTheMeasuredSparsityAndTheBaselineItsOwn) {
  const Interpolated at = interpolated_at(sweep(), "dense", "kvzap");
  EXPECT_EQ(find(at, "dense")->cell.sparsity, 0);
  EXPECT_EQ(find(at, "kvzap")->cell.sparsity, 0.6);
  EXPECT_EQ(find(at, "h2o")->cell.sparsity, 0.6);
  EXPECT_EQ(find(at, "h2o")->cell.budget_tokens, 410);
  // Measured cells are passed on as they are.
  EXPECT_EQ(find(at, "kvzap")->documents[1].sum_nll_nats, 4 * 3.1);
  EXPECT_EQ(find(at, "kvzap")->documents[1].kept_sha256, "kept-kvzap1");
  EXPECT_EQ(find(at, "dense")->documents[0].kept_sha256, "kept-all");
}

TEST(Interpolate, ARunAtTheVeryFractionIsTakenAsItIs) {
  std::vector<CellResult> results = sweep();
  results[1] = cell("kvzap", 0.5, 42, 0.5, {2.2, 3.1});
  // Not even a neighbour that is infinitely bad changes it.
  results[3].documents[0].sum_nll_nats = INFINITY;
  const Interpolated at = interpolated_at(results, "dense", "kvzap");
  EXPECT_EQ(find(at, "h2o")->documents[0].sum_nll_nats, 4 * 2.1);
  // And one run is enough.
  results.pop_back();
  EXPECT_EQ(interpolated_at(results, "dense", "kvzap").results.size(), 3u);
}

TEST(Interpolate, NothingIsExtrapolated) {
  struct Gap {
    double asked;
    std::vector<CellResult> runs;
    std::string text;
  };
  const auto run = [](double kept) { return cell("h2o", 1 - kept, 42, kept, {2.1, 3.2}); };
  const std::vector<Gap> gaps = {
      {0.51, {run(0.5), run(0.25)}, "h2o kept 0.250 to 0.500 of the entries, not 0.510"},
      {0.249, {run(0.5), run(0.25)}, "h2o kept 0.250 to 0.500 of the entries, not 0.249"},
      {0.4, {run(0.5)}, "h2o kept only 0.500 of the entries, not 0.400"},
      {0.4, {made_cell("h2o", 0.5, 42, {2.1, 3.2})}, "h2o has no measured kept fraction"},
  };
  for (const Gap& gap : gaps) {
    std::vector<CellResult> results = {cell("dense", 0, 42, 1, {2.0, 3.0}),
                                       cell("kvzap", 0.5, 42, gap.asked, {2.2, 3.1})};
    results.insert(results.end(), gap.runs.begin(), gap.runs.end());
    const Interpolated at = interpolated_at(results, "dense", "kvzap");
    EXPECT_EQ(find(at, "h2o"), nullptr);
    ASSERT_EQ(at.not_bracketed.size(), 1u);
    EXPECT_EQ(at.not_bracketed[0].text(), gap.text + " (books, context 1024, seed 42)");
  }
}

TEST(Interpolate, SeedsAreReadOffWhereEachKeptAndFormOneGroup) {
  std::vector<CellResult> results = sweep();
  results.push_back(cell("dense", 0, 43, 1, {2.0, 3.0}));
  results.push_back(cell("kvzap", 0.5, 43, 0.3, {2.2, 3.1}));
  results.push_back(cell("h2o", 0.5, 43, 0.5, {2.1, 3.2}));
  results.push_back(cell("h2o", 0.75, 43, 0.25, {2.6, 3.4}));
  const Interpolated at = interpolated_at(results, "dense", "kvzap");
  EXPECT_NEAR(find(at, "h2o", 43)->documents[0].mean_nll_nats(), 0.8 * 2.6 + 0.2 * 2.1, 1e-14);
  const std::vector<CellGroup> groups = group_cells(at.results, "dense");
  ASSERT_EQ(groups.size(), 3u);
  for (const CellGroup& group : groups) EXPECT_TRUE(group.complete()) << group.where();
  EXPECT_EQ(groups[1].sparsity, 0.65);
  EXPECT_EQ(groups[2].sparsity, 0.65);
  const Pairing pairing = pair_documents(groups[1], groups[2]);
  EXPECT_TRUE(pairing.incomplete.empty());
  EXPECT_TRUE(pairing.problems.empty());
  EXPECT_FALSE(pairing.kept_known);

  // One seed that cannot be read off takes the method out of the place, all of it.
  results.back() = cell("h2o", 0.75, 43, 0.35, {2.6, 3.4});
  const Interpolated without = interpolated_at(results, "dense", "kvzap");
  EXPECT_EQ(find(without, "h2o", 42), nullptr);
  EXPECT_EQ(without.not_bracketed.at(0).seed, 43u);
}

TEST(Interpolate, EachDatasetAndContextHasItsOwnFraction) {
  std::vector<CellResult> results = sweep();
  for (const CellResult& result : sweep()) {
    results.push_back(result);
    results.back().cell.context_tokens = 2048;
  }
  results[5].metrics[0].value = 0.25;  // kvzap at 2048
  const Interpolated at = interpolated_at(results, "dense", "kvzap");
  ASSERT_EQ(at.results.size(), 6u);
  EXPECT_EQ(at.results[2].cell.sparsity, 0.6);
  EXPECT_EQ(at.results[5].cell.context_tokens, 2048);
  EXPECT_EQ(at.results[5].cell.sparsity, 0.75);
  EXPECT_EQ(at.results[5].documents[0].sum_nll_nats, 4 * 2.6);
}

TEST(Interpolate, FailuresArePassedOnWhereTheyMatter) {
  // A cell that failed and is not needed does not matter.
  std::vector<CellResult> results = sweep();
  results.push_back(failed_cell("h2o", 0.9, 42, "out of memory"));
  EXPECT_EQ(find(interpolated_at(results, "dense", "kvzap"), "h2o")->error, "");

  // One that would have been the other side does.
  results.erase(results.begin() + 3);
  const Interpolated at = interpolated_at(results, "dense", "kvzap");
  EXPECT_TRUE(at.not_bracketed.empty());
  EXPECT_EQ(find(at, "h2o")->error, "out of memory");
  EXPECT_EQ(find(at, "h2o")->cell.sparsity, 0.6);

  // Where the method itself failed there is nothing to compare at.
  results = sweep();
  results[1] = failed_cell("kvzap", 0.5, 42, "out of memory");
  const Interpolated none = interpolated_at(results, "dense", "kvzap");
  EXPECT_EQ(find(none, "kvzap")->error, "out of memory");
  EXPECT_EQ(find(none, "h2o")->error, "out of memory");
  EXPECT_TRUE(find(none, "h2o")->documents.empty());
}

TEST(Interpolate, RefusesWhatHasNoOneAnswer) {
  EXPECT_NE(message(sweep(), "dense").find("removes nothing"), std::string::npos);
  EXPECT_NE(message(sweep(), "snapkv").find("snapkv has no results here"), std::string::npos);
  const std::string several = message(sweep(), "h2o");
  EXPECT_NE(several.find("h2o was run at several sparsities"), std::string::npos);
  EXPECT_NE(several.find("0.5 and 0.75"), std::string::npos);
  std::vector<CellResult> results = sweep();
  results[1].metrics.clear();
  EXPECT_NE(message(results, "kvzap").find("kvzap has no measured kept fraction"),
            std::string::npos);
}

TEST(Interpolate, RefusesRunsOnDifferentWindowsAndNamesEach) {
  std::vector<CellResult> results = sweep();
  results[3].documents[0].ids_sha256 = "other";
  results[3].documents[1].id = "d7@0";
  const std::string refusal = message(results, "kvzap");
  EXPECT_NE(refusal.find("not on the same windows"), std::string::npos);
  for (const char* document : {"document d0@0", "document d1@0", "document d7@0"}) {
    EXPECT_NE(refusal.find(document), std::string::npos) << refusal;
  }
}

}  // namespace
}  // namespace pressroom::interpolate_test
