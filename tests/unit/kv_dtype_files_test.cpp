// How keys and values were held, in every file that a campaign leaves.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "../tools/schema_check.h"
#include "made_study_files.h"
#include "report/table/results_files.h"
#include "test_folders.h"

namespace pressroom::kv_dtype_files_test {
namespace {

using Json = nlohmann::ordered_json;

// dense and cab hold float32, h2o eight bits.
std::vector<CellResult> campaign() {
  std::vector<CellResult> results = study_campaign();
  for (CellResult& cell : results) {
    if (cell.cell.method == "h2o") cell.cell.kv_dtype = "q8";
  }
  return results;
}

void expect_valid(const std::string& schema, const Json& json) {
  const auto file = test_dir() / "../docs/schemas" / (schema + ".schema.json");
  for (const std::string& error : schema_errors(file, json.dump())) {
    ADD_FAILURE() << schema << ": " << error;
  }
}

TEST(KvDtypeInFiles, IsAColumnOfTheResults) {
  const std::vector<CellResult> results = campaign();
  const ComparisonReport report = compare(results);
  std::vector<std::string> column;
  std::istringstream csv(results_csv(results, report));
  for (std::string line; std::getline(csv, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 9; ++i) std::getline(fields, field, ',');  // none before has a comma
    column.push_back(field);
  }
  EXPECT_EQ(column, (std::vector<std::string>{"kv_dtype", "float32", "q8", "float32"}));

  const Json json = results_json(results, report);
  expect_valid("results", json);
  column.clear();
  for (const Json& group : json["groups"]) column.push_back(group["kv_dtype"]);
  EXPECT_EQ(column, (std::vector<std::string>{"float32", "q8", "float32"}));

  const Json aggregated = aggregated_json(results);
  expect_valid("aggregated_results", aggregated);
  EXPECT_EQ(aggregated["h2o_s0.9"]["kv_dtype"], "q8");
  EXPECT_FALSE(aggregated["cab_s0.9"].contains("kv_dtype"));
}

// The files of studies, which held float32 and say nothing of it.
TEST(KvDtypeInFiles, StandsInAStudysFilesWhereItIsNotFloat32) {
  const struct {
    const char* output;
    const char* schema;
    const char* file;   // of h2o, or of all
    const char* place;  // of what is told of h2o
    const char* other;  // the file of dense
    const char* place_of_other;
  } cases[] = {
      {"comparison_summary", "comparison_summary", "comparison_summary.json", "/results/0",
       "comparison_summary.json", "/results/1"},
      {"comparison_summary", "detailed_results", "detailed_results.json", "/results/1",
       "detailed_results.json", "/results/0"},
      {"perplexity_sweeps", "perplexity_sweeps", "perplexity_sweeps.json",
       "/results/books/h2o/sparsity_sweep/0.9", "perplexity_sweeps.json",
       "/results/books/dense/sparsity_sweep/0.0"},
      {"ppl_results", "ppl_results", "ppl_books/ppl_results_h2o.json", "/config",
       "ppl_books/ppl_results_baseline.json", "/config"},
      {"speed_results", "speed_results", "speed_benchmark/speed_results_h2o.json", "/results/0",
       "speed_benchmark/speed_results_baseline.json", "/results/0"},
      {"press_folders", "press_metrics", "books__EleutherAI--pythia-70m__h2o__0.90/metrics.json",
       "", "books__EleutherAI--pythia-70m__no_press__0.00/metrics.json", ""},
      {"press_folders", "pythia_kvpress_sweep", "pythia_kvpress_sweep.json", "/results/1",
       "pythia_kvpress_sweep.json", "/results/0"}};
  for (const auto& example : cases) {
    SCOPED_TRACE(example.file);
    const StudyFiles out = made(campaign(), example.output);
    const Json json = json_of(out, example.file);
    expect_valid(example.schema, json);
    const Json& told = json.at(Json::json_pointer(example.place));
    EXPECT_EQ(told.value("kv_dtype", ""), "q8") << told.dump(1);
    const Json other = json_of(out, example.other);
    EXPECT_FALSE(other.at(Json::json_pointer(example.place_of_other)).contains("kv_dtype"));
  }
}

TEST(KvDtypeInFiles, StandsInThePressesConfigs) {
  const StudyFiles out = made(campaign(), "press_folders");
  const std::string folder = "books__EleutherAI--pythia-70m__";
  EXPECT_NE(text_of(out, folder + "h2o__0.90/config.yaml").find("\nkv_dtype: \"q8\"\n"),
            std::string::npos);
  EXPECT_EQ(text_of(out, folder + "cab__0.90/config.yaml").find("kv_dtype"), std::string::npos);
}

}  // namespace
}  // namespace pressroom::kv_dtype_files_test
