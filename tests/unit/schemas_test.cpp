// Every JSON file that a campaign leaves is what docs/schemas says of it.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../tools/schema_check.h"
#include "base/json_text.h"
#include "byte_tokenizer.h"
#include "campaign/directory.h"
#include "campaign/run_cell.h"
#include "report/studies/study_files.h"
#include "report/table/results_files.h"
#include "report/table/shown_metrics.h"
#include "report/table/significance_json.h"
#include "results/plan_json.h"
#include "results/stored_cell.h"
#include "scratch_folder.h"
#include "study_results.h"
#include "test_folders.h"

namespace pressroom::schemas_test {
namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path schema(const std::string& name) {
  return test_dir() / "../docs/schemas" / (name + ".schema.json");
}

void expect_valid(const std::string& name, const std::string& text) {
  std::string all;
  for (const std::string& error : schema_errors(schema(name), text)) all += error + "\n";
  EXPECT_EQ(all, "") << name << "\n" << text.substr(0, 2000);
}

// Two seeds of the study's cells, a failed one, a method that did not run, and one document's worth
// of a third method: what makes fields null or optional.
std::vector<CellResult> troubled_campaign() {
  std::vector<CellResult> results = study_campaign({42, 43});
  results.push_back(study_cell("snapkv", 0.9, 42, {1.2, 2.3, 3.4}, 10));
  results.push_back(failed_cell("snapkv", 0.9, 43, "out of memory"));
  for (const std::uint64_t seed : {42, 43}) {
    CellResult inert = study_cell("inert", 0.9, seed, {1, 2, 3}, 100);
    for (DocumentResult& document : inert.documents) document.kept_sha256 = "kept-all";
    results.push_back(inert);
  }
  return results;
}

struct OutputSchema {
  const char* output;
  std::map<std::string, std::string> by_ending;  // of the file's name: the schema
};

const std::vector<OutputSchema>& output_schemas() {
  static const std::vector<OutputSchema> schemas = {
      {"perplexity_sweeps", {{"perplexity_sweeps.json", "perplexity_sweeps"}}},
      {"comparison_summary",
       {{"comparison_summary.json", "comparison_summary"},
        {"detailed_results.json", "detailed_results"}}},
      {"press_folders",
       {{"/metrics.json", "press_metrics"}, {"pythia_kvpress_sweep.json", "pythia_kvpress_sweep"}}},
      {"ppl_results",
       {{"baseline.json", "ppl_results"},
        {"h2o.json", "ppl_results"},
        {"cab.json", "ppl_results"}}},
      {"speed_results", {{"baseline.json", "speed_results"}, {"h2o.json", "speed_results"}}}};
  return schemas;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

TEST(Schemas, DescribeTheFilesOfEveryStudyAlsoWithFailedCells) {
  const StudySetting setting = study_setting();
  for (const std::vector<CellResult>& results : {study_campaign(), troubled_campaign()}) {
    const ComparisonReport report = compare(results);
    for (const OutputSchema& output : output_schemas()) {
      for (const auto& [ending, name] : output.by_ending) {
        int files = 0;
        for (const StudyFile& file :
             make_study_files({results, report, setting}, {output.output}).files) {
          if (!ends_with(file.name, ending)) continue;
          expect_valid(name, file.text);
          ++files;
        }
        EXPECT_GT(files, 0) << ending;
      }
    }
  }
}

TEST(Schemas, DescribeTheFilesOfEveryCampaignAlsoWithFailedCells) {
  for (const std::vector<CellResult>& results : {study_campaign(), troubled_campaign()}) {
    const ComparisonReport report = compare(results);
    expect_valid("results", json_text(results_json(results, report)));
    expect_valid("aggregated_results", json_text(aggregated_json(results)));
    expect_valid("significance_tests", json_text(significance_json(report)));
  }
}

TEST(Schemas, DescribeTheTestsOfAMetricWithAndWithoutAMargin) {
  std::vector<CellResult> results = study_campaign();
  double level = 0;
  for (CellResult& cell : results) {
    cell.metrics.push_back({"ece", 0.1, "1", Direction::kLowerIsBetter, "mean"});
    for (std::size_t i = 0; i < cell.documents.size(); ++i) {
      cell.metrics.back().documents.emplace_back(level += 0.01 / double(i + 1));
    }
  }
  for (const std::map<std::string, double>& margins :
       {std::map<std::string, double>(), {{"ece", 0.02}}}) {
    const ComparisonReport report = compare_shown(results, {}, {{}, margins});
    ASSERT_EQ(report.metrics.size(), 1U);
    expect_valid("significance_tests", json_text(significance_json(report)));
  }
}

TEST(Schemas, DescribeCellsThatRanFailedOrHaveNoFinitePerplexity) {
  CellResult cell = study_cell("h2o", 0.9, 42, {1.1, 2.2, 3.3}, 10);
  cell.size_curve = {{512, 1024}, {102, 102.5}, {{0.1, 0.2}, {0.1, 0.1}}};
  expect_valid("cell", json_text(to_json(cell)));
  cell.metrics[0].value = std::numeric_limits<double>::infinity();
  cell.documents[0].targets = {1, 2, 5, 6};
  cell.metrics[0].documents = {0.5, std::nullopt, std::numeric_limits<double>::infinity()};
  cell.metrics[0].answers = {{1, 0}, {}, {0.5}};
  expect_valid("cell", json_text(to_json(cell)));
  expect_valid("cell", json_text(to_json(failed_cell("h2o", 0.9, 42, "out of memory"))));
}

TEST(Schemas, DescribeThePlan) {
  const Cell cell = study_cell("h2o", 0.9, 42, {}, 10).cell;
  const Json plan = plan_json({"books",
                               std::string(64, '1'),
                               std::string(64, '2'),
                               {{cell, "h2o_s0.9_ctx1024_seed42.json", "replay"}}});
  expect_valid("plan", json_text(plan));
}

TEST(Schemas, DescribeTheTokensOfAWindow) {
  const ScratchFolder folder;
  write_file(folder.path() / "tokenizer.json", byte_tokenizer_json());
  Window window;
  window.tokens.id = "d0@0";
  window.tokens.ids = {'a', 0xc3, '"'};
  window.ids_sha256 = token_ids_sha256(window.tokens.ids);
  CampaignDirectory directory(folder.path() / "results");
  store_token_texts(window, *Tokenizer::load(folder.path() / "tokenizer.json"), directory);
  const std::filesystem::path file = directory.path() / "tokens" / (window.ids_sha256 + ".json");
  expect_valid("tokens", read_file(file));
  EXPECT_FALSE(schema_errors(schema("tokens"), R"({"document": "d0@0", "tokens": ["a"]})").empty());
}

TEST(Schemas, DescribeEveryLineOfTheEvents) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const Json cell = {{"cell", "h2o_s0.9_ctx1024_seed42"}, {"dataset", "books"}, {"seconds", 1.5}};
  Json ran = {{"event", "cell"}};
  ran.update(cell);
  ran["error"] = "";
  Json failed = {{"event", "cell failed"}};
  failed.update(cell);
  failed["error"] = "out of memory";
  const std::vector<Json> events = {
      {{"event", "begin"}, {"cells", 6}},
      ran,
      failed,
      {{"event", "repeated"}, {"method", "h2o"}, {"sha256", std::string(64, 'a')}},
      {{"event", "interrupted"}},
      {{"event", "end"}}};
  for (const Json& event : events) directory.log_event(event);
  std::istringstream lines(read_file(folder.path() / "events.jsonl"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) expect_valid("events", line);
  EXPECT_EQ(count, events.size());
  const std::string time = R"("time": "2024-02-29T12:00:00Z", )";
  for (const std::string& wrong :
       {"{" + time + R"("event": "begin"})", "{" + time + R"("event": "pause"})",
        std::string(R"({"event": "end"})"), "{" + time + R"("event": "end", "cells": 6})"}) {
    EXPECT_FALSE(schema_errors(schema("events"), wrong).empty()) << wrong;
  }
}

TEST(Schemas, DescribeSweepsAtBudgetsAndUnderMatch) {
  StudySetting setting = study_setting();
  setting.config.erase("sparsity_levels");
  const std::vector<CellResult> results = study_campaign();
  const ComparisonReport report = compare(results);
  const auto sweeps = [&] {
    return make_study_files({results, report, setting}, {"perplexity_sweeps"}).files[0].text;
  };
  setting.config["budgets"] = {102};
  expect_valid("perplexity_sweeps", sweeps());
  setting.config.erase("budgets");
  setting.config["match"] = {{"to", "h2o"}, {"by", "measured_ratio"}};
  expect_valid("perplexity_sweeps", sweeps());
}

TEST(Schemas, RefuseAMissingFieldAnUnknownOneAndANumberOutOfRange) {
  const std::vector<CellResult> results = study_campaign();
  const ComparisonReport report = compare(results);
  const StudySetting setting = study_setting();
  const Json good = Json::parse(
      make_study_files({results, report, setting}, {"comparison_summary"}).files[1].text);
  const auto errors = [&](const Json& json) {
    return schema_errors(schema("detailed_results"), json_text(json)).size();
  };
  EXPECT_EQ(errors(good), 0u);
  Json missing = good;
  missing["results"][0]["compression_stats"].erase("total_keys_kept");
  EXPECT_GT(errors(missing), 0u);
  Json unknown = good;
  unknown["results"][0]["perplexty"] = 1;
  EXPECT_GT(errors(unknown), 0u);
  Json out_of_range = good;
  out_of_range["results"][0]["compression_stats"]["sparsity_percentage"] = 1775;
  EXPECT_GT(errors(out_of_range), 0u);
  Json negative = good;
  negative["results"][0]["compression_stats"]["total_keys_kept"] = -846692215;
  EXPECT_GT(errors(negative), 0u);
}

}  // namespace
}  // namespace pressroom::schemas_test
