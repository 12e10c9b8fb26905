#include <gtest/gtest.h>

#include <cmath>

#include "made_study_files.h"
#include "report/studies/study.h"
#include "report/studies/study_files.h"

namespace pressroom::ppl_results_test {
namespace {

using Json = nlohmann::ordered_json;

TEST(PplResults, SayTheModeItsSizesAndTheScoredTokens) {
  const StudyFiles out = made(study_campaign(), "ppl_results");
  const Json h2o = json_of(out, "ppl_books/ppl_results_h2o.json");
  EXPECT_EQ(h2o["mode"], "h2o");
  EXPECT_NEAR(h2o["ppl"].get<double>(), std::exp(2.2), 1e-12);
  EXPECT_EQ(h2o["num_tokens"], 12);
  EXPECT_EQ(h2o["num_samples"], 3);
  EXPECT_EQ(h2o["config"]["start_size"], 4);
  EXPECT_EQ(h2o["config"]["recent_size"], 51);  // half of 102
  EXPECT_EQ(h2o["config"]["heavy_size"], 47);
  const Json baseline = json_of(out, "ppl_books/ppl_results_baseline.json");
  EXPECT_TRUE(baseline["config"]["cache_size"].is_null());
  EXPECT_FALSE(baseline["config"].contains("start_size"));
}

TEST(PplResults, TellBudgetsAndContextsApart) {
  std::vector<CellResult> results = study_campaign();
  results.push_back(study_cell("h2o", 0.5, 42, {1.05, 2.1, 3.2}, 50));
  EXPECT_EQ(names_of(made(results, "ppl_results")),
            (std::vector<std::string>{
                "ppl_books/ppl_results_baseline.json", "ppl_books/ppl_results_h2o_s0.5.json",
                "ppl_books/ppl_results_h2o_s0.9.json", "ppl_books/ppl_results_cab.json"}));
}

TEST(CacheSizes, AreResolvedUnderTheBudgetAndNamedAsInTheStudy) {
  const struct {
    Json parameters;
    std::int64_t budget;
    const char* sizes;
  } cases[] = {{{{"n_sink", 4}}, 256, R"({"start_size":4,"recent_size":252})"},
               {{{"n_sink", 4}, {"recent", 128}, {"share", "model"}},
                256,
                R"({"start_size":4,"recent_size":128,"heavy_size":124})"},
               {{{"heavy", 0}, {"n_sink", 4}, {"recent", 128}, {"update_interval", 10}},
                260,
                R"({"start_size":4,"recent_size":128,"heavy_size":128,"update_interval":10})"},
               {{{"n_sink", 4}, {"separators", 0.14}, {"heavy", 0}, {"local", 0.57}},
                452,
                R"({"start_size":4,"heavy_size":128,"separator_size":63,"local_size":257})"},
               {{{"n_sink", 4}, {"n_future_positions", 512}}, 256, R"({"start_size":4})"},
               {{{"seed", 1}}, 256, "{}"}};
  // A plugin's name says nothing: what it declares does.
  for (const auto& test : cases) {
    for (const char* name : {"streaming_llm", "h2o", "of_another"}) {
      EXPECT_EQ(cache_sizes({"label", name, test.parameters}, test.budget).dump(), test.sizes);
    }
  }
}

TEST(CacheSizes, TheWholeIsWhatAHeadCanComeToHold) {
  const struct {
    const char* what;
    Json parameters;
    std::int64_t entries;  // under a budget of 452
  } cases[] = {
      {"parts below the budget",
       {{"n_sink", 4}, {"recent", 251}, {"heavy", 1}, {"update_interval", 1000000}},
       256},
      {"parts below the budget", {{"n_sink", 4}, {"recent", 252}, {"heavy", 128}}, 384},
      {"a capacity of its own",
       {{"n_sink", 4}, {"separators", 64}, {"local", 255}, {"capacity", 324}},
       324},
      {"the budget as capacity",
       {{"n_sink", 4}, {"separators", 64}, {"local", 128}, {"capacity", 0}},
       452},
      {"a capacity as a share of the budget", {{"n_sink", 4}, {"capacity", 0.5}}, 226},
      {"what the parts leave is taken", {{"n_sink", 4}, {"recent", 128}, {"heavy", 0}}, 452},
      {"nothing but sinks", {{"n_sink", 4}}, 452},
      {"parts of another kind", {{"n_sink", 4}, {"n_future_positions", 512}}, 452}};
  for (const auto& test : cases) {
    EXPECT_EQ(cache_size({"label", "any", test.parameters}, 452), test.entries)
        << test.what << " " << test.parameters;
  }
}

TEST(PplResults, SayTheSizeOfTheMethodNotTheCampaignsBudget) {
  StudySetting setting = study_setting();
  setting.methods[1].parameters = {{"n_sink", 4}, {"recent", 40}, {"heavy", 20}};
  const StudyFiles out = made(study_campaign(), "ppl_results", setting);
  EXPECT_EQ(json_of(out, "ppl_books/ppl_results_h2o.json")["config"]["cache_size"], 64);
  EXPECT_EQ(json_of(out, "ppl_books/ppl_results_cab.json")["config"]["cache_size"], 102);
}

}  // namespace
}  // namespace pressroom::ppl_results_test
