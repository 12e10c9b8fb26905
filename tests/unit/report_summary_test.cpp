#include <gtest/gtest.h>

#include "report/table/summary.h"
#include "report_campaign.h"

namespace pressroom::report_summary_test {
namespace {

std::vector<std::string> sentences(const std::vector<CellResult>& results) {
  const ComparisonReport report = compare(results);
  return summary_sentences(results, figure_rows(results, report), report);
}

TEST(Summary, NamesTheBestWhereTestsCarryIt) {
  const std::vector<std::string> said = sentences(report_campaign());
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0],
            "2 methods and dense were run on books, context 1024, at sparsity 0.9: 3 of 3 cells, "
            "6 documents for each comparison.");
  EXPECT_TRUE(has(said[1],
                  "h2o keeps quality best, with 10.0 % of the entries kept: perplexity "
                  "+1.0"))
      << said[1];
  EXPECT_TRUE(has(said[1], "and better than 1 other method")) << said[1];
  EXPECT_EQ(said[2],
            "There h2o needs a KV cache of at most 2.80 MB, 90.0 % below dense, and ran at 125 "
            "tokens per second, 25.0 % above dense (a timing, not a test).");
}

TEST(Summary, SaysThatNothingIsResolvedWhereNoTestCarriesMore) {
  std::vector<CellResult> results = report_campaign();
  for (std::size_t i = 0; i < 6; ++i) {  // cab: as h2o on average, but for one outlier
    results[2].documents[i].sum_nll_nats =
        results[1].documents[i].sum_nll_nats + (i == 0 ? 1 : -0.1);
  }
  const std::string said = sentences(results)[1];
  EXPECT_TRUE(has(said, "not resolved")) << said;
  EXPECT_FALSE(has(said, "best,")) << said;
  EXPECT_TRUE(has(said, "is not told apart from")) << said;
}

TEST(Summary, RanksNobodyWhereMethodsKeptUnequallyOrCellsAreMissing) {
  std::vector<CellResult> unequal = report_campaign();
  unequal[2].metrics[1].value = 0.2;
  EXPECT_TRUE(has(sentences(unequal)[1],
                  "no method is called best: the methods kept between 10.0 "
                  "% and 20.0 % of the entries"));
  std::vector<CellResult> held = report_campaign();
  std::vector<CellResult> unknown = report_campaign();
  for (std::size_t i = 1; i < 3; ++i) {
    add_metric(held[i], "mean_cache_entries", i == 1 ? 100 : 106);
    unknown[i].metrics.erase(unknown[i].metrics.begin() + 1);  // kept_ratio
  }
  EXPECT_TRUE(has(sentences(held)[1],
                  "every other method held over 5 % more entries on average "
                  "than h2o"));
  EXPECT_TRUE(has(sentences(unknown)[1], "has no measured kept fraction (metric cache)"));
  std::vector<CellResult> failed = report_campaign();
  failed[2].error = "out of memory";
  EXPECT_TRUE(has(sentences(failed)[0], "2 of 3 cells, 1 failed"));
  EXPECT_TRUE(has(sentences(failed)[1], "no method is called best: cab")) << sentences(failed)[1];
  const std::string alone = sentences({report_campaign()[0], report_campaign()[1]})[1];
  EXPECT_TRUE(has(alone, "h2o is the only method")) << alone;
  EXPECT_EQ(sentences({report_campaign()[0]})[1], "There is no method to compare with dense yet.");
}

TEST(Summary, SpeedIsARangeOverSeedsAndComparedOnlyWhereRangesAreApart) {
  const auto with_seeds = [](double dense_again, double h2o_again) {
    std::vector<CellResult> results = report_campaign();
    for (std::size_t i = 0; i < 3; ++i) {
      results.push_back(results[i]);
      results.back().cell.seed = 43;
      for (MetricValue& metric : results.back().metrics) {
        if (metric.name == "tokens_per_second") metric.value = i == 0 ? dense_again : h2o_again;
      }
    }
    return sentences(results)[2];
  };
  const std::string apart = with_seeds(110, 130);  // and 100, 125 of the first seed
  EXPECT_TRUE(has(apart, "ran at 125 to 130 tokens per second, 21.4 % above dense")) << apart;
  const std::string overlapping = with_seeds(126, 130);
  EXPECT_TRUE(has(overlapping, "ran at 125 to 130 tokens per second (a timing")) << overlapping;
}

TEST(Summary, SpeaksOfWhatWasRunAndNotOfWhatIsStillToBe) {
  std::vector<CellResult> results = report_campaign();
  for (std::size_t i = 1; i < 3; ++i) {
    results.push_back(failed_cell(results[i].cell.method, 0.95, 42, kNotRun));
  }
  const std::vector<std::string> said = sentences(results);
  EXPECT_TRUE(has(said[1], "at sparsity 0.9 on")) << said[1];
  EXPECT_TRUE(has(said[2], "KV cache of at most 2.80 MB")) << said[2];
  results.erase(results.begin() + 1, results.begin() + 3);
  EXPECT_EQ(sentences(results)[2], "Nothing is known of memory and speed yet.");
}

TEST(Summary, OneDocumentIsNoTest) {
  std::vector<CellResult> results = report_campaign();
  for (CellResult& cell : results) cell.documents.resize(1);
  const std::string said = sentences(results)[1];
  EXPECT_FALSE(has(said, "keeps quality best")) << said;
  EXPECT_FALSE(has(said, "p =")) << said;
}

}  // namespace
}  // namespace pressroom::report_summary_test
