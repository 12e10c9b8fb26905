// A metric that does not come with Pressroom is in tables, comparisons, files and figures.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compare/merged_campaigns.h"
#include "report/comparison/comparison_formats.h"
#include "report/figures/campaign_figures.h"
#include "report/table/results_table.h"
#include "report/table/shown_metrics.h"
#include "report/table/significance_json.h"
#include "report_campaign.h"

namespace pressroom::metric_table_test {
namespace {

// Calibration errors of six documents: cab is worse than h2o by 0.05 and a little.
std::vector<CellResult> with_ece() {
  std::vector<CellResult> cells = report_campaign();
  for (CellResult& cell : cells) {
    const int step = cell.cell.method == "cab" ? 3 : cell.cell.method == "h2o" ? 2 : 1;
    const double level = step == 3 ? 0.15 : step == 2 ? 0.1 : 0.09;
    add_metric(cell, "ece", level, "1", Direction::kLowerIsBetter);
    for (int i = 0; i < 6; ++i) {
      cell.metrics.back().documents.emplace_back(level + 0.001 * (i * step % 5));
    }
  }
  return cells;
}

const TableCell* cell_under(const ResultsTable& table, const std::string& header, std::size_t row) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].header == header) return &table.blocks[0].rows[row][c];
  }
  return nullptr;
}

std::vector<std::string> headers(const ResultsTable& table) {
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns) names.push_back(column.header);
  return names;
}

bool any_has(const std::vector<std::string>& lines, const std::string& part) {
  for (const std::string& line : lines) {
    if (has(line, part)) return true;
  }
  return false;
}

TEST(MetricTable, AMetricThatIsNotPressroomsIsShownByDefaultAndBestGoesByItsTests) {
  const std::vector<CellResult> cells = with_ece();
  const ComparisonReport report = compare_shown(cells, {}, {});
  const ResultsTable table = results_table(cells, report);
  EXPECT_EQ(headers(table),
            (std::vector<std::string>{"method", "sparsity", "kept", "ppl", "delta nll", "p (Holm)",
                                      "ece", "tokens/s", "KV peak"}));
  EXPECT_TRUE(cell_under(table, "ece", 1)->best);   // h2o
  EXPECT_FALSE(cell_under(table, "ece", 2)->best);  // cab
  EXPECT_TRUE(any_has(table.notes, "ece: lower is better; best by its own tests"));
  EXPECT_TRUE(any_has(table.notes, "2 tests against dense: pressroom compare --metric ece."));
}

TEST(MetricTable, WhatTheTestsDoNotTellApartIsAsGood) {
  std::vector<CellResult> cells = with_ece();
  for (std::size_t i = 0; i < 6; ++i) {
    // h2o reads better, and on single documents either is.
    cells[2].metrics.back().documents[i] = 0.1 + (i % 2 == 0 ? 0.05 : -0.04);
  }
  const ResultsTable table = results_table(cells, compare_shown(cells, {}, {}));
  EXPECT_TRUE(cell_under(table, "ece", 1)->best);
  EXPECT_TRUE(cell_under(table, "ece", 2)->best);
}

TEST(MetricTable, ColumnsChooseTheMetricsAndAMissingOneIsSaid) {
  const std::vector<CellResult> cells = with_ece();
  const ShownMetrics shown = {{"ece", "perplexity", "ecee", "kept_ratio"}, {}};
  const ComparisonReport report = compare_shown(cells, {}, shown);
  const ResultsTable table = results_table(cells, report, shown.columns);
  EXPECT_EQ(headers(table), (std::vector<std::string>{"method", "sparsity", "ece", "ppl", "kept",
                                                      "delta nll", "p (Holm)"}));
  EXPECT_TRUE(any_has(table.notes,
                      "no cell has the metric ecee, which `columns` names: did you mean ece?"));
}

TEST(MetricTable, PartsOfAMetricAreShownOnlyWhereTheyAreAskedFor) {
  std::vector<CellResult> cells = with_ece();
  for (CellResult& cell : cells) {
    add_metric(cell, "ece.l0h1", 0.1, "1", Direction::kLowerIsBetter);
    add_metric(cell, "v1.5", 2, "1", Direction::kLowerIsBetter);  // there is no "v1"
  }
  const std::vector<std::string> usual =
      headers(results_table(cells, compare_shown(cells, {}, {})));
  EXPECT_EQ(std::count(usual.begin(), usual.end(), "ece.l0h1"), 0);
  EXPECT_EQ(std::count(usual.begin(), usual.end(), "v1.5"), 1);
  const ShownMetrics shown = {{"ece.l0h1"}, {}};
  const ResultsTable asked = results_table(cells, compare_shown(cells, {}, shown), shown.columns);
  EXPECT_NE(cell_under(asked, "ece.l0h1", 1), nullptr);
}

TEST(MetricTable, AMarginOfWhatIsNotTestedIsSaid) {
  const std::vector<CellResult> cells = with_ece();
  const ShownMetrics shown = {{}, {{"ece", 0.02}, {"ecee", 0.02}, {"perplexity", 0.02}}};
  const ResultsTable table = results_table(cells, compare_shown(cells, {}, shown));
  EXPECT_TRUE(any_has(table.notes,
                      "no cell tells of ecee for each document, which `margins` names: did you "
                      "mean ece?"));
  EXPECT_FALSE(any_has(table.notes, "tells of perplexity"));
  EXPECT_FALSE(any_has(table.notes, "tells of ece for"));
}

TEST(MetricTable, OfWholeCellsAloneItIsShownAndNotTested) {
  std::vector<CellResult> cells = with_ece();
  for (CellResult& cell : cells) cell.metrics.back().documents.clear();
  const ComparisonReport report = compare_shown(cells, {}, {});
  EXPECT_TRUE(report.metrics.empty());
  const ResultsTable table = results_table(cells, report);
  EXPECT_TRUE(cell_under(table, "ece", 1)->best);  // by its number
  EXPECT_TRUE(any_has(table.notes, "it is told of whole cells alone, and not tested."));
}

TEST(MetricTable, TheConfigOfADirectoryIsRead) {
  StoredCampaign stored;
  stored.config = nlohmann::ordered_json::parse(
      R"({"columns": ["ece", "perplexity"], "margins": {"ece": "0.02", "wrong": "much"}})");
  const ShownMetrics shown = shown_metrics(stored);
  EXPECT_EQ(shown.columns, (std::vector<std::string>{"ece", "perplexity"}));
  EXPECT_EQ(shown.margins, (std::map<std::string, double>{{"ece", 0.02}}));
  EXPECT_TRUE(shown_metrics(StoredCampaign()).columns.empty());
}

TEST(MetricTable, SignificanceTestsHaveItsFamiliesBesideTheOthers) {
  const std::vector<CellResult> cells = with_ece();
  const auto json = significance_json(compare_shown(cells, {}, {{}, {{"ece", 0.02}}}));
  EXPECT_EQ(json.size(), 6U);
  const auto test = json.at("ece:dense_vs_cab_s0.9");
  EXPECT_EQ(test["judged_by"], "ece");
  EXPECT_EQ(test["better"], "lower");
  EXPECT_EQ(test["family_size"], 2);
  EXPECT_EQ(test["difference"], "ece of dense minus ece of cab");
  EXPECT_NEAR(test["mean_difference"], -0.06, 1e-3);
  EXPECT_EQ(test["equivalence"]["margin"], 0.02);
  EXPECT_TRUE(has(test["verdict"].get<std::string>(), "cab against dense: worse by 0.06"));
  EXPECT_EQ(json.at("dense_vs_cab_s0.9")["judged_by"], "nll");
}

TEST(MetricTable, ACalibrationFigureHasTheIntervalsOfItsOwnComparison) {
  const std::vector<CellResult> cells = with_ece();
  const ComparisonReport report = compare_shown(cells, {}, {});
  for (const Figure& figure : campaign_figures(cells, report)) {
    if (figure.id != "ece_vs_kept_books_ctx1024") continue;
    EXPECT_EQ(figure.title, "ece against what was kept: books, context 1024");
    const FigurePoint& h2o = figure.series.at(1).points.at(0);
    const Comparison& c = *report.of_metric("ece")->find("h2o", 0.9, "books", 1024);
    ASSERT_TRUE(h2o.y_ci95 && c.test.ci95);
    EXPECT_NEAR(h2o.y_ci95->high - h2o.y, c.test.ci95->high - c.test.mean, 1e-12);
    return;
  }
  ADD_FAILURE() << "no figure of ece";
}

struct Compared {
  MergedCampaigns merged;
  std::vector<MergedReport> reports;
  std::vector<ComparisonView> views;
};

void compare_by(const std::vector<std::string>& names, Compared& all, double margin = 0) {
  StoredCampaign alone;
  alone.directory = "alone";
  alone.results = with_ece();
  all.merged = merge_campaigns({alone});
  for (const std::string& name : names) {
    CompareOptions options;
    options.metric = name;
    if (margin > 0) options.margins[name] = margin;
    all.reports.push_back(compare(all.merged, options));
  }
  for (const MergedReport& report : all.reports)
    all.views.emplace_back(all.merged, report, std::vector<std::string>());
}

TEST(MetricTable, CompareShowsItInEveryFormat) {
  Compared all;
  compare_by({"ece", "nll"}, all);
  const ComparisonTables tables = comparison_tables(all.views, true);
  const std::string plain = comparison_text(tables);
  EXPECT_TRUE(has(plain, "ece against dense: books, context 1024")) << plain;
  EXPECT_TRUE(has(plain, "delta ece")) << plain;
  EXPECT_TRUE(has(plain, "nll against dense: books, context 1024")) << plain;
  EXPECT_TRUE(has(plain, "worse by 0.06")) << plain;
  EXPECT_TRUE(has(plain, "ece: lower is better; a cell's is mean, mean over seeds.")) << plain;
  EXPECT_TRUE(has(plain, "no margin of ece was given (--margin ece=X")) << plain;
  EXPECT_TRUE(has(comparison_latex(tables), "\\caption{ece: ece against dense.")) << plain;
  EXPECT_TRUE(has(comparison_markdown(tables), "### ece against dense"));
  const auto json = comparison_json(all.views);
  ASSERT_EQ(json["families"].size(), 4U);  // against dense, and pairs
  const auto& family = json["families"][0];
  EXPECT_EQ(family["metric"], "ece");
  EXPECT_EQ(family["unit"], "1");
  EXPECT_EQ(family["better"], "lower");
  EXPECT_TRUE(family["margin"].is_null());
  EXPECT_EQ(family["comparisons"][1]["second"]["value"], 0.15);
  EXPECT_NEAR(family["comparisons"][1]["delta"], 0.06, 1e-3);
  EXPECT_EQ(json["families"][2]["metric"], "nll");
  const std::string csv = metrics_csv(all.views);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 3);
  EXPECT_TRUE(has(csv, "family,name,metric,unit,better,first,second,"));
}

TEST(MetricTable, WithAMarginItsTestsOfEquivalenceAreInItsUnit) {
  Compared all;
  compare_by({"ece"}, all, 0.02);
  const std::string plain = comparison_text(comparison_tables(all.views, false));
  EXPECT_TRUE(has(plain, "reject a difference of 0.02 of ece or more")) << plain;
  EXPECT_TRUE(has(plain, "within 0.02")) << plain;
}

TEST(MetricTable, ValuesOfDocumentsThatCampaignsDoNotShareAreLeftOut) {
  StoredCampaign a, b;
  a.directory = "a";
  b.directory = "b";
  a.results = b.results = with_ece();
  for (CellResult& cell : b.results) {
    cell.documents.erase(cell.documents.begin());
    cell.metrics.back().documents.erase(cell.metrics.back().documents.begin());
  }
  const MergedCampaigns merged = merge_campaigns({a, b});
  CompareOptions options;
  options.metric = "ece";
  options.baseline = merged.label_of("dense");
  const MergedReport report = compare(merged, options);
  for (const Comparison& c : report.changes.comparisons) EXPECT_EQ(c.test.n, 5U) << c.reason;
  ASSERT_FALSE(report.report.to_baseline.comparisons.empty());
  EXPECT_EQ(report.report.to_baseline.comparisons[0].test.n, 5U);
}

}  // namespace
}  // namespace pressroom::metric_table_test
