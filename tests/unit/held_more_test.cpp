// Methods that had more to work with than their peers: an eviction every so many steps ends where
// the others end, and holds more on the way.
#include <gtest/gtest.h>

#include "report/comparison/comparison_table.h"
#include "report/table/results_table.h"
#include "report/table/standings.h"
#include "report/table/summary.h"
#include "report_campaign.h"

namespace pressroom::held_more_test {
namespace {

using Marks = std::vector<bool>;

TEST(HeldMore, IsOverFivePercentAboveTheMedianOfTheOthers) {
  EXPECT_EQ(held_more({140, 92, 92, 91}), (Marks{true, false, false, false}));
  EXPECT_EQ(held_more({92, 140}), (Marks{false, true}));
  EXPECT_EQ(held_more({105, 100}), (Marks{false, false}));
  EXPECT_EQ(held_more({105.1, 100}), (Marks{true, false}));
  EXPECT_EQ(held_more({140, 140, 92, 92}), (Marks{true, true, false, false}));
  EXPECT_EQ(held_more({92, 92, 92, 60}), (Marks{false, false, false, false}));  // held less
  EXPECT_EQ(held_more({140, {}, 92}), (Marks{true, false, false}));
  EXPECT_EQ(held_more({{}, 92}), (Marks{false, false}));
  EXPECT_EQ(held_more({92}), (Marks{false}));
}

CellResult holding(CellResult cell, double mean, double peak) {
  add_metric(cell, "mean_cache_entries", mean, "entries/head");
  add_metric(cell, "peak_cache_entries", peak, "entries/head");
  return cell;
}

// h2o loses least after dense, cab next, and an interval method beats both: with 140 entries on
// average where they have 92.
std::vector<CellResult> with_interval() {
  std::vector<CellResult> results = report_campaign();
  results[0] = holding(results[0], 512, 1024);
  results[1] = holding(results[1], 92.4, 103);
  results[2] = holding(results[2], 92.1, 102);
  CellResult interval = results[1];
  interval.cell.method = "every_64";
  interval.metrics.erase(interval.metrics.end() - 2, interval.metrics.end());
  for (DocumentResult& document : interval.documents) {
    document.sum_nll_nats -= 0.02;
    document.kept_sha256 += "-other";
  }
  results.push_back(holding(interval, 140, 166));
  return results;
}

std::vector<CellResult> with_two_datasets() {
  std::vector<CellResult> results = with_interval();
  for (CellResult result : with_interval()) {
    result.cell.dataset = "papers";
    results.push_back(result);
  }
  return results;
}

std::size_t column(const ResultsTable& table, const std::string& header, const std::string& unit) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].header == header && table.columns[c].unit == unit) return c;
  }
  return table.columns.size();
}

TEST(ResultsTable, ShowsWhatIsHeldAndLeavesOutOfBestWhatHeldMore) {
  const std::vector<CellResult> results = with_interval();
  const ComparisonReport report = compare(results);
  const ResultsTable table = results_table(results, report);
  const std::size_t mean = column(table, "held", "mean");
  const std::size_t peak = column(table, "held", "peak");
  const std::size_t ppl = column(table, "ppl", "");
  ASSERT_LT(std::max({mean, peak, ppl}), table.columns.size());
  const auto& rows = table.blocks.at(0).rows;
  ASSERT_EQ(rows.size(), 4U);
  ASSERT_EQ(rows[3][0].text, "every_64");
  EXPECT_EQ(rows[3][mean].text, "140");
  EXPECT_EQ(rows[3][peak].text, "166");
  EXPECT_TRUE(rows[3][mean].held_more);
  EXPECT_FALSE(rows[1][mean].held_more);
  for (const TableCell& cell : rows[3]) EXPECT_FALSE(cell.best);
  EXPECT_TRUE(rows[1][ppl].best);  // h2o, which every_64 is better than
  EXPECT_FALSE(rows[2][ppl].best);
  const std::string text = table_text(table, false);
  EXPECT_TRUE(has(text, "140 !")) << text;
  EXPECT_TRUE(
      has(text,
          "!: left out of best, as it held over 5 % more entries on average than its peers (the "
          "median of the others): "
          "books, context 1024, every_64_s0.9 (140 against 92.1 to 92.4).\n"))
      << text;
}

TEST(ResultsTable, ExplainsTheMarkOfSeveralRowsOnce) {
  const std::vector<CellResult> results = with_two_datasets();
  const ComparisonReport report = compare(results);
  EXPECT_TRUE(has(table_text(results_table(results, report), false),
                  "\n!: left out of best, as each held over 5 % more entries on average than its "
                  "peers (the median of the others): "
                  "books, context 1024, every_64_s0.9 (140 against 92.1 to 92.4); "
                  "papers, context 1024, every_64_s0.9 (140 against 92.1 to 92.4).\n"));
  MergedCampaigns merged;
  merged.results = results;
  MergedReport comparisons;
  comparisons.report = report;
  const ComparisonView view(merged, comparisons, {});
  std::vector<std::string> marks;
  for (const std::string& note : comparison_notes(view, false)) {
    if (note[0] == '!') marks.push_back(note);
  }
  EXPECT_EQ(marks, std::vector<std::string>{
                       "!: books, context 1024, every_64_s0.9; papers, context 1024, every_64_s0.9 "
                       "each held over 5 % more entries on average than its peers: these verdicts "
                       "do not compare like with like."});
}

TEST(Summary, CallsNoMethodBestThatHeldMore) {
  const std::vector<CellResult> results = with_interval();
  const ComparisonReport report = compare(results);
  const std::string said = summary_sentences(results, figure_rows(results, report), report).at(1);
  EXPECT_TRUE(has(said, "h2o keeps quality best")) << said;
  EXPECT_TRUE(has(said, "and better than 1 other method")) << said;
  EXPECT_TRUE(has(said, "; every_64 is left out, having held over 5 % more entries on average."))
      << said;
}

}  // namespace
}  // namespace pressroom::held_more_test
