#include "report/watch.h"

#include <gtest/gtest.h>

#include "result_builder.h"

namespace pressroom::watch_test {
namespace {

CellResult timed(CellResult result, double seconds) {
  result.seconds = seconds;
  return result;
}

CellResult to_come(const std::string& method, double sparsity, std::uint64_t seed,
                   std::int64_t context = 1024) {
  CellResult result = failed_cell(method, sparsity, seed, kNotRun);
  result.cell.context_tokens = context;
  return result;
}

StoredCampaign campaign_of(std::vector<CellResult> results) {
  StoredCampaign campaign;
  campaign.name = "books";
  campaign.results = std::move(results);
  return campaign;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Watch, SaysInALineHowFarACampaignIs) {
  const CellResult dense = timed(made_cell("dense", 0, 1, {2.0, 2.5}), 90);
  const CellResult h2o = timed(made_cell("h2o", 0.5, 1, {2.1, 2.7}), 120);
  const struct {
    std::vector<CellResult> results;
    bool running;
    const char* line;
  } cases[] = {
      {{to_come("dense", 0, 1), to_come("h2o", 0.5, 1)}, true, "books: 0 of 2 cells done; running"},
      {{dense, h2o}, false, "books: 2 of 2 cells done; complete"},
      {{dense, h2o}, true, "books: 2 of 2 cells done; complete"},
      {{dense, failed_cell("h2o", 0.5, 1, "out of memory")},
       false,
       "books: 2 of 2 cells done, 1 of them failed; complete"},
      {{dense, to_come("h2o", 0.5, 1)},
       false,
       "books: 1 of 2 cells done; no run is going on: the same command as before finishes it"},
      {{dense, h2o, to_come("h2o", 0.9, 1)},
       true,
       "books: 2 of 3 cells done; running, about 2 min to go"},
      {{dense, to_come("h2o", 0.9, 1)}, true, "books: 1 of 2 cells done; running"},
      {{dense, to_come("dense", 0, 2), to_come("h2o", 0.9, 1)},
       true,
       "books: 1 of 3 cells done; running, about 2 min to go for 1 of the 2 cells left: methods of "
       "the others have not been timed yet"},
  };
  for (const auto& test : cases) {
    StoredCampaign campaign = campaign_of(test.results);
    campaign.running = test.running;
    EXPECT_EQ(first_line(view_campaign(campaign, CampaignActivity(), false).text), test.line);
  }
}

TEST(Watch, TakesTheTimeOfEqualCellsElseOfTheTokens) {
  std::vector<CellResult> results = {timed(made_cell("h2o", 0.5, 1, {2.0}), 100),
                                     timed(made_cell("h2o", 0.9, 1, {2.0}), 50)};
  results.push_back(to_come("h2o", 0.5, 2));
  EXPECT_EQ(time_left(results).seconds, 75);
  results.push_back(to_come("h2o", 0.5, 2, 4096));
  EXPECT_EQ(time_left(results).seconds, 75 + 4 * 75);
  CellResult longer = timed(made_cell("h2o", 0.5, 1, {2.0}), 1000);
  longer.cell.context_tokens = 4096;
  results.push_back(longer);
  EXPECT_EQ(time_left(results).seconds, 75 + 1000);
  // A failed cell tells nothing of time.
  results.push_back(timed(failed_cell("h2o", 0.5, 3, "out of memory"), 1));
  EXPECT_EQ(time_left(results).seconds, 75 + 1000);
  EXPECT_EQ(time_left(results).unknown, 0u);
  results.push_back(to_come("cab", 0.5, 1));
  EXPECT_EQ(time_left(results).unknown, 1u);
  EXPECT_EQ(time_left({}).seconds, 0);
}

TEST(Watch, RoundsDurations) {
  EXPECT_EQ(rough_duration(0), "less than a minute");
  EXPECT_EQ(rough_duration(59.9), "less than a minute");
  EXPECT_EQ(rough_duration(100), "2 min");
  EXPECT_EQ(rough_duration(3599), "1 h 0 min");
  EXPECT_EQ(rough_duration(7800), "2 h 10 min");
  EXPECT_EQ(rough_duration(360000), "4 days 4 h");
}

TEST(Watch, ShowsWhatThereIsWithItsIntervals) {
  std::vector<CellResult> results = {made_cell("dense", 0, 1, {2.0, 2.5, 3.0}),
                                     made_cell("dense", 0, 2, {2.0, 2.5, 3.0}),
                                     made_cell("h2o", 0.5, 1, {2.1, 2.7, 3.1}),
                                     to_come("h2o", 0.5, 2),
                                     to_come("cab", 0.5, 1),
                                     to_come("cab", 0.5, 2)};
  for (CellResult& result : results) {
    if (result.error.empty()) add_metric(result, "perplexity", 12.5);
  }
  StoredCampaign campaign = campaign_of(results);
  campaign.running = true;
  const CampaignView view = view_campaign(campaign, CampaignActivity(), false);
  EXPECT_EQ(view.failed, 0u);
  EXPECT_TRUE(contains(view.text, "h2o")) << view.text;
  // Mean 0.4 / 3 with a half width of t(.975, 2) sd / sqrt 3 = 4.303 * 0.05774 / 1.732.
  EXPECT_TRUE(contains(view.text, "+0.13 +-0.14")) << view.text;
  EXPECT_TRUE(contains(view.text, "In part: dense_vs_h2o_s0.5 (1 of 2 seeds).")) << view.text;
  EXPECT_TRUE(contains(view.text, "The campaign is not complete")) << view.text;
  EXPECT_FALSE(contains(view.text, "cab")) << "there is nothing of it yet\n" << view.text;
  EXPECT_FALSE(contains(view.text, "failed")) << view.text;
}

TEST(Watch, SaysWhoHasWhichCellAndSharesWhatIsLeftAmongThem) {
  CellResult dense = made_cell("dense", 0, 1, {2.0, 2.5});
  dense.seconds = 600;
  StoredCampaign campaign = campaign_of({dense, to_come("dense", 0, 2), to_come("dense", 0, 3)});
  campaign.running = true;
  campaign.workers = {{"node7, process 1", {"dense_s0.0_ctx1024_seed2"}, false},
                      {"node8, process 2", {"dense_s0.0_ctx1024_seed3"}, false},
                      {"node9\n, process 3", {"lost"}, true}};
  const std::string text = view_campaign(campaign, CampaignActivity(), false).text;
  EXPECT_TRUE(contains(text, "about 10 min to go")) << text;
  EXPECT_TRUE(contains(text, "\n  node8, process 2: dense_s0.0_ctx1024_seed3\n")) << text;
  EXPECT_TRUE(contains(text, ": lost, but it has ended\n")) << text;
  EXPECT_FALSE(contains(text, "node9\n")) << text;
}

TEST(Watch, SaysHowFastItGoesSinceWhenACellRunsAndWhatWentWrong) {
  CellResult aside = failed_cell("cab", 0.5, 1, kPutAside);
  StoredCampaign campaign = campaign_of({made_cell("dense", 0, 1, {2.0, 2.5}), aside,
                                         to_come("h2o", 0.5, 2), to_come("h2o", 0.5, 3)});
  campaign.running = true;
  campaign.workers = {{"node7, process 1", {"long"}, false},
                      {"node7, process 2", {"short"}, false},
                      {"node8, process 3", {"lost"}, true}};
  CampaignActivity activity;
  activity.cells_an_hour = 1237;
  activity.takeovers = 1;
  activity.deaths = 2;
  activity.running_seconds = {{"long", 190}, {"lost", 400}, {"another", 20}};
  const std::string text = view_campaign(campaign, activity, false).text;
  EXPECT_EQ(
      first_line(text),
      "books: 2 of 4 cells done, 1 of them failed (1 put aside); running, 1200 cells an hour");
  EXPECT_TRUE(contains(text, "\n  2 workers ended in a cell\n")) << text;
  EXPECT_TRUE(contains(text, "\n  1 lease ended and was taken over\n")) << text;
  EXPECT_TRUE(contains(text, "process 1: long, for 3 min\n")) << text;
  EXPECT_TRUE(contains(text, "process 2: short\n")) << text;
  EXPECT_TRUE(contains(text, "process 3: lost, but it has ended\n")) << text;
}

TEST(Watch, TellsFailuresAndNothingOfTheTerminal) {
  StoredCampaign campaign =
      campaign_of({made_cell("dense", 0, 1, {2.0, 2.5}), made_cell("h2o", 0.5, 1, {2.1, 2.7}),
                   failed_cell("cab", 0.5, 1, "out of \x1b[2Jmemory")});
  campaign.name = "evil\x1b]0;title\x07\n]]>&#";
  const CampaignView view = view_campaign(campaign, CampaignActivity(), false);
  EXPECT_EQ(view.failed, 1u);
  EXPECT_TRUE(contains(view.text, "memory")) << view.text;
  EXPECT_FALSE(contains(view.text, "not complete")) << view.text;
  EXPECT_EQ(view.text.find('\x1b'), std::string::npos);
  EXPECT_EQ(view.text.find('\x07'), std::string::npos);
  EXPECT_EQ(first_line(view.text),
            "evil?]0;title? ]]>&#: 3 of 3 cells done, 1 of them failed; complete");
}

}  // namespace
}  // namespace pressroom::watch_test
