#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json_text.h"
#include "report/table/results_files.h"
#include "report/table/results_table.h"
#include "report/table/significance_json.h"
#include "report_campaign.h"
#include "test_folders.h"

namespace pressroom::report_test {
namespace {

using Json = nlohmann::ordered_json;

std::string approved(const std::string& name) {
  std::ifstream file(test_dir().string() + "/approved/report/" + name);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

CellResult measured(CellResult cell, double kept, double perplexity, double tokens_per_second,
                    double kv_bytes) {
  add_metric(cell, "perplexity", perplexity, "1", Direction::kLowerIsBetter);
  add_metric(cell, "kept_ratio", kept);
  add_metric(cell, "tokens_per_second", tokens_per_second, "tokens/s", Direction::kHigherIsBetter);
  add_metric(cell, "kv_bytes_peak", kv_bytes, "bytes", Direction::kLowerIsBetter);
  add_metric(cell, "process_peak_bytes", 2 * kv_bytes, "bytes", Direction::kLowerIsBetter);
  return cell;
}

// Two seeds over the same three documents; h2o's differences from dense are 0.1, 0.2, 0.3 and
// cab's 0.5, 0.6, 0.7, h2o at sparsity 0 has none.
std::vector<CellResult> small_campaign() {
  std::vector<CellResult> results;
  for (const std::uint64_t seed : {42, 43}) {
    const double shift = seed == 43 ? 1 : 0;
    results.push_back(
        measured(made_cell("dense", 0, seed, {1, 2, 3}), 1, 7.5 + shift, 1234.5, 28e6));
    results.push_back(measured(made_cell("h2o", 0, seed, {1, 2, 3}), 1, 7.5 + shift, 1100, 28e6));
    results.push_back(
        measured(made_cell("h2o", 0.9, seed, {1.1, 2.2, 3.3}), 0.1, 9.25 + shift, 987, 2.8e6));
    results.push_back(
        measured(made_cell("cab", 0.9, seed, {1.5, 2.6, 3.7}), 0.1, 13.5 + shift, 1010, 2.8e6));
  }
  return results;
}

std::string text_of(const std::vector<CellResult>& results, bool colour = false) {
  return table_text(results_table(results, compare(results)), colour);
}

TEST(ResultsTable, ReadsAsApproved) {
  EXPECT_EQ(text_of(small_campaign()), approved("small_table.txt"));
}

TEST(ResultsTable, TellsOfFailedSuspectAndUnexercisedCellsAsApproved) {
  std::vector<CellResult> results = small_campaign();
  results.push_back(measured(made_cell("snapkv", 0.5, 42, {1, 2, 3}), 0.5, 7.5, 900, 14e6));
  results.push_back(failed_cell("snapkv", 0.5, 43, "killed by signal 11\nin layer 2"));
  for (const std::uint64_t seed : {42, 43}) {
    results.push_back(made_cell("inert", 0.9, seed, {1, 2, 3}));
    results.push_back(made_cell("idle", 0.9, seed, {1, 2, 3}));
    for (DocumentResult& document : results.back().documents) document.kept_sha256 = "kept-all";
  }
  EXPECT_EQ(text_of(results), approved("troubled_table.txt"));
}

TEST(ResultsTable, HasABlockForEachDatasetAndContextAndOnlyMeasuredColumns) {
  std::vector<CellResult> results;
  for (const std::int64_t context : {512, 1024}) {
    for (CellResult cell : {made_cell("dense", 0, 42, {1}), made_cell("h2o", 0.9, 42, {1.5})}) {
      cell.cell.context_tokens = context;
      results.push_back(cell);
    }
  }
  const ResultsTable table = results_table(results, compare(results));
  ASSERT_EQ(table.blocks.size(), 2u);
  EXPECT_EQ(table.blocks[0].title, "books, context 512");
  EXPECT_EQ(table.blocks[1].rows.size(), 2u);
  std::vector<std::string> headers;
  for (const TableColumn& column : table.columns) headers.push_back(column.header);
  EXPECT_EQ(headers, (std::vector<std::string>{"method", "sparsity", "delta nll", "p (Holm)"}));
}

std::string best_in(const std::vector<CellResult>& results, const std::string& header) {
  const ResultsTable table = results_table(results, compare(results));
  std::string best;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].header != header) continue;
    for (const auto& row : table.blocks.at(0).rows) {
      if (row[c].best) best += row[0].text + " ";
    }
  }
  return best;
}

TEST(ResultsTable, MarksTheBestMethodOfASparsityByTheDirectionOfTheColumn) {
  EXPECT_EQ(best_in(report_campaign(), "ppl"), "h2o ");
  EXPECT_EQ(best_in(report_campaign(), "delta nll"), "h2o ");
  EXPECT_EQ(best_in(small_campaign(), "tokens/s"), "");  // a single timing marks no best
  EXPECT_EQ(best_in(small_campaign(), "KV peak"), "");   // all the same
  EXPECT_EQ(best_in(small_campaign(), "kept"), "");      // neither better nor worse
}

TEST(ResultsTable, MarksEveryMethodThatIsNotToldApartFromTheBest) {
  std::vector<CellResult> results = report_campaign();
  for (std::size_t i = 0; i < 6; ++i) {  // cab: as h2o on average, but for one outlier
    results[2].documents[i].sum_nll_nats =
        results[1].documents[i].sum_nll_nats + (i == 0 ? 1 : -0.1);
  }
  EXPECT_EQ(best_in(results, "ppl"), "h2o cab ");
  EXPECT_EQ(best_in(results, "delta nll"), "h2o cab ");
}

TEST(ResultsTable, MarksNoBestWhereWhatWasHeldIsUnequalOrUnknown) {
  std::vector<CellResult> unequal = report_campaign();
  std::vector<CellResult> unknown = report_campaign();
  for (std::size_t i = 1; i < 3; ++i) {
    add_metric(unequal[i], "mean_cache_entries", i == 1 ? 100 : 106);
    unknown[i].metrics.erase(unknown[i].metrics.begin() + 1);  // kept_ratio
  }
  EXPECT_EQ(best_in(unequal, "ppl"), "");
  EXPECT_EQ(best_in(unknown, "ppl"), "");
}

TEST(ResultsTable, MarksNoBestWhereMethodsCannotBeRanked) {
  std::vector<CellResult> unequal = small_campaign();
  for (CellResult& result : unequal) {
    if (result.cell.method == "cab") result.metrics[1].value = 0.106;  // kept 6 % more than h2o
  }
  EXPECT_EQ(best_in(unequal, "ppl"), "");
  std::vector<CellResult> failed = small_campaign();
  failed.back().error = "out of memory";
  EXPECT_EQ(best_in(failed, "ppl"), "");
  EXPECT_EQ(text_of(failed).find("best:"), std::string::npos);
}

TEST(ResultsTable, ColourReplacesTheMarkAndKeepsTheColumnsAligned) {
  const std::string text = text_of(small_campaign(), true);
  EXPECT_NE(text.find("\x1b[1m9.750\x1b[0m"), std::string::npos);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (text[i] == '\x1b') i = text.find('m', i) + 1;
    plain += text[i];
  }
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_EQ(plain.substr(0, plain.find("delta nll:")).find('<'), std::string::npos);
  std::istringstream lines(plain);
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  const std::size_t end_of_column = line.find("ppl") + 3;
  std::getline(lines, line);
  while (std::getline(lines, line) && !line.empty()) {
    EXPECT_NE(line[end_of_column - 1], ' ') << line;
    EXPECT_EQ(line.substr(end_of_column, 2), "  ") << line;
  }
}

TEST(ResultsTable, LabelsCannotSteerTheTerminalAndUnicodeStaysAligned) {
  std::vector<CellResult> results = {made_cell("dense", 0, 42, {1}),
                                     made_cell("m\xC3\xA9thode\x1b[2J", 0.9, 42, {1.5})};
  const std::string text = text_of(results);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  // The label has 11 characters in 12 bytes.
  EXPECT_NE(text.find("\nm\xC3\xA9thode?[2J       0.9"), std::string::npos) << text;
  EXPECT_NE(text.find("\ndense             0.0"), std::string::npos) << text;
}

// A reader of RFC 4180 independent of the writer.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows = {{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back() += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\n' && !quoted) {
      rows.push_back({""});
    } else {
      rows.back().back() += c;
    }
  }
  rows.pop_back();
  return rows;
}

std::string field(const std::vector<std::vector<std::string>>& rows, std::size_t row,
                  const std::string& name) {
  for (std::size_t c = 0; c < rows[0].size(); ++c) {
    if (rows[0][c] == name) return rows[row].at(c);
  }
  ADD_FAILURE() << "no column " << name;
  return "";
}

TEST(ResultsCsv, QuotesLabelsThatNeedIt) {
  const std::string label = "h2o, \"fast\"\nvariant";
  const std::vector<CellResult> results = {made_cell("dense", 0, 42, {1, 2}),
                                           made_cell(label, 0.9, 42, {1.5, 2.75})};
  const std::string csv = results_csv(results, compare(results));
  EXPECT_NE(csv.find("books,1024,\"h2o, \"\"fast\"\"\nvariant\",0.9,"), std::string::npos);
  const auto rows = parse_csv(csv);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(field(rows, 2, "method"), label);
  EXPECT_EQ(rows[0].size(), rows[1].size());
  EXPECT_EQ(rows[0].size(), rows[2].size());
}

TEST(ResultsCsv, HoldsEveryNumberExactly) {
  std::vector<CellResult> results = small_campaign();
  results[2].metrics[0].value = 1.0 / 3;
  const ComparisonReport report = compare(results);
  const auto rows = parse_csv(results_csv(results, report));
  ASSERT_EQ(rows.size(), 5u);  // dense, h2o, h2o, cab
  const Comparison* h2o = report.find("h2o", 0.9, "books", 1024);
  EXPECT_EQ(std::stod(field(rows, 3, "perplexity")), (1.0 / 3 + 10.25) / 2);
  EXPECT_EQ(std::stod(field(rows, 3, "p_value")), *h2o->test.p);
  EXPECT_EQ(std::stod(field(rows, 3, "p_adjusted")), *h2o->p_holm);
  EXPECT_EQ(std::stod(field(rows, 3, "delta_nll_ci95_low")), h2o->test.ci95->low);
  EXPECT_EQ(std::stod(field(rows, 3, "ppl_ratio")), h2o->ppl_ratio());
  EXPECT_EQ(field(rows, 3, "budget_tokens"), "102");
  EXPECT_EQ(field(rows, 3, "cells_run"), "2");
  EXPECT_EQ(field(rows, 3, "tokens_per_second_std"), "0");
  EXPECT_EQ(field(rows, 4, "stars"), "*");  // cab: 2 x 0.0091
  EXPECT_EQ(field(rows, 2, "status"), "deterministic");
  EXPECT_EQ(field(rows, 2, "p_value"), "");
  EXPECT_EQ(field(rows, 2, "delta_nll_nats"), "0");
  EXPECT_EQ(field(rows, 1, "status"), "");  // dense is compared with nothing
}

TEST(SignificanceJson, NamesEveryTestAndGivesFirstMinusSecond) {
  const ComparisonReport report = compare(small_campaign());
  const Json json = Json::parse(json_text(significance_json(report)));
  std::vector<std::string> names;
  for (const auto& [name, test] : json.items()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"dense_vs_h2o_s0.0", "dense_vs_h2o_s0.9",
                                             "dense_vs_cab_s0.9", "h2o_vs_cab_s0.9"}));

  const Json& h2o = json["dense_vs_h2o_s0.9"];
  const double p = 1 - std::sqrt(12.0 / 14.0);  // t = 2 sqrt(3), two degrees of freedom
  EXPECT_NEAR(h2o["mean_difference"].get<double>(), -0.2, 1e-15);
  EXPECT_NEAR(h2o["t_statistic"].get<double>(), -2 * std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(h2o["p_value"].get<double>(), p, 1e-12);
  EXPECT_EQ(h2o["p_value"].get<double>(), *report.find("h2o", 0.9, "books", 1024)->test.p);
  EXPECT_LT(h2o["ci95"][0].get<double>(), -0.2);
  EXPECT_GT(h2o["ci95"][1].get<double>(), -0.2);
  EXPECT_EQ(h2o["n_documents"], 3);
  EXPECT_EQ(h2o["significant"], false);
  EXPECT_EQ(h2o["family_size"], 2);
  EXPECT_EQ(h2o["status"], "tested");
  EXPECT_EQ(json["dense_vs_cab_s0.9"]["stars"], "*");
  EXPECT_EQ(json["dense_vs_cab_s0.9"]["significant"], true);

  const Json& pair = json["h2o_vs_cab_s0.9"];  // 0.4 on every document, to rounding
  EXPECT_NEAR(pair["mean_difference"].get<double>(), -0.4, 1e-15);
  EXPECT_NE(pair["family"], h2o["family"]);
  EXPECT_EQ(pair["difference"], "mean nll of h2o minus mean nll of cab, nats per token");
}

TEST(SignificanceJson, WhatWasNotTestedIsNull) {
  std::vector<CellResult> results = small_campaign();
  results.back().error = "out of memory";  // cab, seed 43
  const Json json = significance_json(compare(results));
  const Json& deterministic = json["dense_vs_h2o_s0.0"];
  EXPECT_EQ(deterministic["deterministic"], true);
  EXPECT_EQ(deterministic["mean_difference"], 0);
  EXPECT_FALSE(std::signbit(deterministic["mean_difference"].get<double>()));
  for (const char* key : {"p_value", "p_adjusted", "t_statistic", "ci95", "df"}) {
    EXPECT_TRUE(deterministic.at(key).is_null()) << key;
  }
  const Json& incomplete = json["dense_vs_cab_s0.9"];
  EXPECT_TRUE(incomplete.at("mean_difference").is_null());
  EXPECT_EQ(incomplete["status"], "incomplete");
  EXPECT_EQ(incomplete["reason"], "cab_s0.9, seed 43: out of memory");
  EXPECT_EQ(incomplete["significant"], false);
}

TEST(ResultsJson, IsValidAndCompleteWhateverTheResults) {
  std::vector<CellResult> results = small_campaign();
  results.push_back(failed_cell("bad\xff", 0.9, 42, "threw \"x\"\n"));
  results[2].metrics[0].value = std::numeric_limits<double>::infinity();
  const std::string text = json_text(results_json(results, compare(results)));
  const Json json = Json::parse(text);
  ASSERT_EQ(json["groups"].size(), 5u);
  const Json& h2o = json["groups"][2];
  EXPECT_EQ(h2o["method"], "h2o");
  EXPECT_EQ(h2o["seeds"], Json::array({42, 43}));
  EXPECT_TRUE(h2o["metrics"]["perplexity"]["mean"].is_null());
  EXPECT_TRUE(h2o["metrics"]["perplexity"]["per_seed"][0].is_null());
  EXPECT_EQ(h2o["metrics"]["perplexity"]["per_seed"][1], 10.25);
  EXPECT_EQ(h2o["metrics"]["tokens_per_second"]["unit"], "tokens/s");
  EXPECT_EQ(h2o["metrics"]["tokens_per_second"]["direction"], "higher is better");
  EXPECT_NEAR(h2o["versus_dense"]["delta_nll_nats"].get<double>(), 0.2, 1e-15);
  EXPECT_FALSE(json["groups"][0].contains("versus_dense"));
  ASSERT_EQ(json["failed_cells"].size(), 2u);  // seed 42 failed, seed 43 has no result
  EXPECT_EQ(json["failed_cells"][0]["reason"], "threw \"x\"\n");
  EXPECT_EQ(json["failed_cells"][1]["reason"], "no result");
}

TEST(AggregatedJson, HasTheFieldsOfTheGenerationStudy) {
  std::vector<CellResult> results = small_campaign();
  add_metric(results[2], "mean_cache_entries", 100);
  add_metric(results[6], "mean_cache_entries", 102);
  results[6].metrics[4].value = 8e6;  // process_peak_bytes of the second seed
  const Json json = aggregated_json(results);
  const Json& h2o = json.at("h2o_s0.9");
  EXPECT_EQ(h2o["mean_perplexity"], 9.75);  // 9.25 and 10.25
  EXPECT_DOUBLE_EQ(h2o["std_perplexity"].get<double>(), std::sqrt(0.5));
  EXPECT_EQ(h2o["mean_tokens_per_second"], 987);
  EXPECT_EQ(h2o["peak_memory_mb"], 8);
  EXPECT_EQ(h2o["kv_peak_mb"], 2.8);
  EXPECT_EQ(h2o["avg_cache_size"], 101);
  EXPECT_EQ(h2o["num_runs"], 2);
  EXPECT_FALSE(json.at("dense_s0.0").contains("avg_cache_size"));
}

TEST(AggregatedJson, OneSeedHasNoSpread) {
  const Json json = aggregated_json({measured(made_cell("dense", 0, 42, {1}), 1, 7.5, 1, 1)});
  EXPECT_TRUE(json.at("dense_s0.0").at("std_perplexity").is_null());
}

}  // namespace
}  // namespace pressroom::report_test
