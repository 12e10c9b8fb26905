#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "made_study_files.h"
#include "report/studies/study_files.h"

namespace pressroom::press_folders_test {
namespace {

using Json = nlohmann::ordered_json;

TEST(PressFolders, AreNamedAsKvpressNamesThemAndHoldItsFiles) {
  const StudyFiles out = made(study_campaign(), "press_folders");
  const std::string folder = "books__EleutherAI--pythia-70m__h2o__0.90/";
  const Json metrics = json_of(out, folder + "metrics.json");
  EXPECT_NEAR(metrics["perplexity"].get<double>(), std::exp(2.2), 1e-12);
  EXPECT_EQ(metrics["runtime_sec"], 3);
  EXPECT_EQ(metrics["total_runtime_sec"], 3);
  EXPECT_EQ(metrics["compression_ratio"], 0.9);
  EXPECT_EQ(metrics["measured_compression_ratio"], 0.9);
  EXPECT_NE(text_of(out, folder + "config.yaml").find("press_name: \"h2o\"\n"), std::string::npos);
  EXPECT_EQ(text_of(out, folder + "predictions.csv"),
            "seed,document,num_tokens,sum_nll_nats,mean_nll_nats\n"
            "42,d0@0,4,4.4,1.1\n42,d1@0,4,8.8,2.2\n42,d2@0,4,13.2,3.3\n");
  text_of(out, "books__EleutherAI--pythia-70m__no_press__0.00/metrics.json");
}

TEST(PressFolders, ARatioOfMoreThanTwoDecimalsKeepsThem) {
  const struct {
    double ratio;
    const char* word;
  } cases[] = {{0.9, "0.90"}, {0.25, "0.25"}, {0.875, "0.875"}, {0.123456789, "0.123456789"}};
  for (const auto& test : cases) {
    const std::vector<CellResult> results = {
        study_cell("dense", 0, 42, {1, 2, 3}, 100),
        study_cell("h2o", test.ratio, 42, {1.1, 2.2, 3.3}, 10)};
    const std::vector<std::string> names = names_of(made(results, "press_folders"));
    const std::string folder = std::string("books__EleutherAI--pythia-70m__h2o__") + test.word;
    EXPECT_EQ(std::count(names.begin(), names.end(), folder + "/metrics.json"), 1) << test.word;
  }
}

TEST(PressFolders, NamesCannotLeaveTheDirectoryAndIdsCannotLeaveTheirField) {
  StudySetting setting = study_setting();
  setting.model = "/home/../models/my model";
  std::vector<CellResult> results = study_campaign();
  for (CellResult& cell : results) {
    cell.cell.dataset = "../a/b";
    for (DocumentResult& document : cell.documents) document.id = "x,\"y\"\n" + document.id;
  }
  const StudyFiles out = made(results, "press_folders", setting);
  for (const std::string& name : names_of(out)) {
    EXPECT_LE(std::count(name.begin(), name.end(), '/'), 1) << name;
  }
  const std::string rows = text_of(out, "..--a--b__my-model__h2o__0.90/predictions.csv");
  EXPECT_NE(rows.find("42,\"x,\"\"y\"\"\nd0@0\",4,"), std::string::npos) << rows;
}

TEST(PressFolders, TheSweepListsEveryPressBesideTheBaseline) {
  const StudyFiles out = made(study_campaign(), "press_folders");
  const Json sweep = json_of(out, "pythia_kvpress_sweep.json");
  ASSERT_EQ(sweep["results"].size(), 3u);
  EXPECT_EQ(sweep["results"][0]["press"], "no_press");
  const Json& h2o = sweep["results"][1];
  EXPECT_NEAR(h2o["baseline_perplexity"].get<double>(), std::exp(2.0), 1e-12);
  EXPECT_NEAR(h2o["ppl_ratio"].get<double>(), std::exp(0.2), 1e-12);
  ASSERT_EQ(out.figures.size(), 1u);
  EXPECT_EQ(out.figures[0].figure.id, "pythia_kvpress_sweep_tradeoff");
  EXPECT_EQ(out.figures[0].figure.series.size(), 2u);
}

}  // namespace
}  // namespace pressroom::press_folders_test
