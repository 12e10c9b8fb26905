#include <gtest/gtest.h>

#include "report/table/table_cells.h"
#include "result_builder.h"

namespace pressroom::failures_test {
namespace {

using Texts = std::vector<std::string>;

const std::string kReason =
    ": the method failed while giving scores\n  got:      std::runtime_error: it cannot";

TEST(Failures, AreSaidOnceForAllCellsThatHaveTheReason) {
  std::vector<CellResult> results;
  const auto add = [&](const std::string& method, double sparsity, std::uint64_t seed,
                       const std::string& reason) {
    results.push_back(failed_cell(method, sparsity, seed, reason));
  };
  add("h2o", 0.5, 1, "a.txt@0, layer 0" + kReason);
  add("h2o", 0.5, 2, "a.txt@64, layer 0" + kReason);
  add("h2o", 0.9, 1, "a.txt@0, layer 0" + kReason);
  add("h2o", 0.9, 2, "a.txt@64, layer 0" + kReason);
  add("cab", 0.9, 1, "out of memory");
  add("cab", 0.9, 2, "out of memory\n  do:       run fewer threads");
  add("knorm", 0.9, 1, kNotRun);
  add("knorm", 0.9, 2, kNotRun);
  const Texts failed = {
      "h2o_s0.5, h2o_s0.9 in 4 cells: dataset books, context 1024, seeds 1, 2: "
      "a.txt@0, layer 0; a.txt@64, layer 0" +
          kReason,
      "books, context 1024, cab_s0.9, seed 1: out of memory",
      "books, context 1024, cab_s0.9, seed 2: out of memory\n  do:       run fewer threads"};
  Texts all = failed;
  all.emplace_back("knorm_s0.9 in 2 cells: dataset books, context 1024, seeds 1, 2: not run");
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  EXPECT_EQ(failures_of(groups), all);
  EXPECT_EQ(failures_of(groups, /*not_run=*/false), failed);
}

TEST(Failures, ThatEndInTheSameWordsAreNotOne) {
  std::vector<CellResult> results;
  results.push_back(failed_cell("h2o", 0.5, 1, "h2o failed while giving scores: it cannot"));
  results.push_back(failed_cell("cab", 0.5, 1, "cab failed while keeping: it cannot"));
  EXPECT_EQ(
      failures_of(group_cells(results, "dense")),
      (Texts{"books, context 1024, h2o_s0.5, seed 1: h2o failed while giving scores: it cannot",
             "books, context 1024, cab_s0.5, seed 1: cab failed while keeping: it cannot"}));
}

TEST(Failures, NameTheFirstFewOfManyCellsAndPlaces) {
  std::vector<CellResult> results;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    results.push_back(
        failed_cell("h2o", 0.5, seed, "a.txt@" + std::to_string(seed) + ", layer 0" + kReason));
  }
  const Texts texts = failures_of(group_cells(results, "dense"));
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].rfind("h2o_s0.5 in 200 cells: dataset books, context 1024, seeds 0, 1, 2, 3, "
                           "4, 5, 6, 7, ...: a.txt@0, layer 0; a.txt@1, layer 0; ",
                           0),
            0U)
      << texts[0];
  EXPECT_NE(texts[0].find("a.txt@7, layer 0; ..." + kReason), std::string::npos) << texts[0];
}

TEST(Failures, AreNoneWhereEveryCellRan) {
  const std::vector<CellResult> results = {made_cell("dense", 0, 1, {1, 2}),
                                           made_cell("h2o", 0.5, 1, {1, 2})};
  EXPECT_EQ(failures_of(group_cells(results, "dense")), Texts());
}

}  // namespace
}  // namespace pressroom::failures_test
