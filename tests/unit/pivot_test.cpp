// The table of a paper: its numbers against formulas done by hand, its lines, its formats.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../tools/schema_check.h"
#include "base/json_text.h"
#include "compare/merged_campaigns.h"
#include "pressroom/error.h"
#include "report/pivot/pivot_formats.h"
#include "report/pivot/pivot_groups.h"
#include "report/pivot/pivot_table.h"
#include "result_builder.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom::pivot_test {
namespace {

const char* const kHostile = "a|b & <i>_{50%}$\\x\n[1]~^#`*";

CellResult cell_on(const std::string& dataset, CellResult cell, double kept) {
  cell.cell.dataset = dataset;
  cell.cell.by_budget = true;
  add_metric(cell, "kept_ratio", kept);
  return cell;
}

// Two datasets; budgets 512 and 256 of 1024 (sparsity 0.5 and 0.75). The differences of h2o from
// dense are those of the numbers below; cab is far worse, on every document.
std::vector<CellResult> campaign(const std::string& second = "wiki") {
  std::vector<CellResult> cells;
  for (const std::string& dataset : {std::string("books"), second}) {
    cells.push_back(cell_on(dataset, made_cell("dense", 0, 42, {1, 2, 3, 2.5}), 1));
    for (const double sparsity : {0.5, 0.75}) {
      const double kept = 1 - sparsity;
      cells.push_back(
          cell_on(dataset, made_cell("h2o", sparsity, 42, {1.1, 2.2, 3.3, 2.65}), kept));
      cells.push_back(cell_on(dataset, made_cell("cab", sparsity, 42, {3, 4.01, 5, 4.5}), kept));
    }
  }
  return cells;
}

PivotTable pivot_of(const std::vector<CellResult>& cells, const std::string& layout,
                    PivotOptions options = {}, const std::string& amount = "budget") {
  StoredCampaign stored;
  stored.directory = "made";
  stored.results = cells;
  const MergedCampaigns merged = merge_campaigns({stored});
  const MergedReport report = compare(merged, CompareOptions());
  options.layout = parse_pivot(layout, amount);
  return pivot_table(ComparisonView(merged, report, {}), options);
}

// The row that has these heads; a table without it fails the test.
const PivotRow& row_of(const PivotTable& table, const std::vector<std::string>& heads) {
  static const PivotRow kNone = {{}, PivotLine::kMethod, std::vector<PivotCell>(32)};
  for (const PivotRow& row : table.rows) {
    if (row.heads == heads) return row;
  }
  ADD_FAILURE() << "no row " << heads.back();
  return kNone;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(PivotLayout, ReadsRowsAndColumnsOutermostFirst) {
  using A = PivotAxis;
  const struct {
    const char* text;
    std::vector<A> rows;
    std::vector<A> columns;
  } cases[] = {
      {"method x budget", {A::kMethod}, {A::kAmount}},
      {"budget x method", {A::kAmount}, {A::kMethod}},
      {"  method   x  dataset ", {A::kMethod}, {A::kDataset}},
      {"context/method x budget / dataset", {A::kContext, A::kMethod}, {A::kAmount, A::kDataset}},
  };
  for (const auto& test : cases) {
    const PivotLayout layout = parse_pivot(test.text, "budget");
    EXPECT_EQ(layout.rows, test.rows) << test.text;
    EXPECT_EQ(layout.columns, test.columns) << test.text;
  }
}

TEST(PivotLayout, RefusesWhatIsNoPivot) {
  const struct {
    const char* text;
    const char* says;
  } cases[] = {
      {"", "needs rows and columns"},
      {"method", "needs rows and columns"},
      {"methodxbudget", "needs rows and columns"},
      {"method x budget x dataset", "needs rows and columns"},
      {"method x ", "names no columns"},
      {" x budget", "names no rows"},
      {"method/ x budget", "names no rows"},
      {"method x method", "has method twice"},
      {"methods x budget", "did you mean \"method\"?"},
      {"method x sparsity", "write \"budget\""},
  };
  for (const auto& test : cases) {
    try {
      parse_pivot(test.text, "budget");
      ADD_FAILURE() << test.text;
    } catch (const Error& error) {
      EXPECT_TRUE(has(error.what(), test.says)) << test.text << ": " << error.what();
    }
  }
}

TEST(Pivot, ShowsMeansWithTheIntervalOfTheChange) {
  const PivotTable table = pivot_of(campaign(), "method x budget");
  EXPECT_EQ(table.title, "Perplexity: context 1024");
  EXPECT_EQ(table.column_levels, (std::vector<std::string>{"dataset", "budget"}));
  ASSERT_EQ(table.columns.size(), 6u);  // two budgets of books, wiki and their mean
  EXPECT_EQ(table.columns[0].heads, (std::vector<std::string>{"books", "256"}));
  EXPECT_EQ(table.columns[5].heads, (std::vector<std::string>{"mean", "512"}));

  // Differences 0.1, 0.2, 0.3, 0.15: mean 0.1875, standard error 0.0426956, t(3, 0.975) 3.182446.
  const PivotCell& cell = row_of(table, {"h2o"}).cells[0];
  const double half = 3.182446305 * 0.04269562;
  EXPECT_NEAR(*cell.value.value, std::exp(2.3125), 1e-9);
  EXPECT_NEAR(cell.value.ci95->low, std::exp(2.3125 - half), 1e-5);
  EXPECT_NEAR(cell.value.ci95->high, std::exp(2.3125 + half), 1e-5);
  EXPECT_EQ(cell.text.number, "10.10");
  EXPECT_EQ(cell.text.half_width, "1.47");
  EXPECT_NEAR(*cell.change.value, 100 * std::expm1(0.1875), 1e-9);
  EXPECT_NEAR(cell.change.ci95->high, 100 * std::expm1(0.1875 + half), 1e-4);

  EXPECT_EQ(row_of(table, {"dense"}).cells[0].text.number, "8.373");  // exp(2.125)
  EXPECT_EQ(row_of(table, {"dense"}).cells[0].text.half_width, "");
  EXPECT_EQ(row_of(table, {"h2o"}).cells[0].mark, PivotMark::kBest);
  EXPECT_EQ(row_of(table, {"cab"}).cells[0].mark, PivotMark::kNone);
  EXPECT_EQ(row_of(table, {"dense"}).cells[0].mark, PivotMark::kNone);
  const PivotRow& kept = row_of(table, {"kept"});
  EXPECT_EQ(kept.kind, PivotLine::kKept);
  EXPECT_EQ(kept.cells[0].text.number, "0.25");
  EXPECT_EQ(kept.cells[1].text.number, "0.50");
}

TEST(Pivot, ShowsChangesAndAsManyDigitsAsAreAsked) {
  PivotOptions options;
  options.change = true;
  PivotTable table = pivot_of(campaign(), "method x budget", options);
  EXPECT_EQ(table.title, "Change of perplexity from dense (%): context 1024");
  EXPECT_EQ(row_of(table, {"h2o"}).cells[0].text.number, "+20.6");  // expm1(0.1875)
  EXPECT_EQ(row_of(table, {"dense"}).cells[0].text.number, "(8.373)");
  options.digits = 3;
  table = pivot_of(campaign(), "method x budget", options);
  EXPECT_EQ(row_of(table, {"h2o"}).cells[0].text.number, "+20.623");
  EXPECT_EQ(row_of(table, {"dense"}).cells[0].text.number, "(8.373)");
  options.change = false;
  options.digits = 0;
  table = pivot_of(campaign(), "method x budget", options);
  EXPECT_EQ(row_of(table, {"h2o"}).cells[0].text.number, "10");
  EXPECT_EQ(row_of(table, {"h2o"}).cells[0].text.half_width, "1");
}

TEST(Pivot, TransposedHasTheSameNumbers) {
  const PivotTable table = pivot_of(campaign(), "method x budget");
  const PivotTable turned = pivot_of(campaign(), "budget x method");
  // Columns: dense, h2o, cab of books, of wiki, of their mean; what was kept.
  ASSERT_EQ(turned.columns.size(), 10u);
  EXPECT_EQ(turned.columns.back().kind, PivotLine::kKept);
  EXPECT_EQ(row_of(turned, {"256"}).cells[1].value.value,
            row_of(table, {"h2o"}).cells[0].value.value);
  EXPECT_EQ(row_of(turned, {"256"}).cells.back().text.number, "0.25");
}

TEST(Pivot, WhatIsNotNamedIsABandOrBesideTheOther) {
  const PivotTable table = pivot_of(campaign(), "method x dataset");
  EXPECT_EQ(table.row_levels, (std::vector<std::string>{"budget", "method"}));
  EXPECT_EQ(table.columns.size(), 4u);  // books, wiki, mean, kept
  row_of(table, {"256", "h2o"});
  row_of(table, {"512", "cab"});
  EXPECT_TRUE(has(pivot_plain(table), "\nbudget 512\ndense"));
}

TEST(Pivot, AveragesDatasetsOnlyWhereAllAreThere) {
  std::vector<CellResult> cells = campaign();
  const auto mean_of = [](const PivotTable& table, const std::string& method, std::size_t column) {
    return row_of(table, {method}).cells[column].text.number;
  };
  PivotTable table = pivot_of(cells, "method x budget");
  EXPECT_EQ(mean_of(table, "h2o", 4), "10.10");
  EXPECT_TRUE(has(pivot_plain(table), "mean: over books, wiki, each weighing the same"));
  // cab at budget 256 of wiki, the last cell, fails.
  cells.back() = failed_cell("cab", 0.75, 42, "out of memory");
  cells.back().cell.dataset = "wiki";
  cells.back().cell.by_budget = true;
  table = pivot_of(cells, "method x budget");
  EXPECT_EQ(mean_of(table, "cab", 4), "");
  EXPECT_EQ(mean_of(table, "h2o", 4), "10.10");
  EXPECT_EQ(mean_of(table, "cab", 2), "-");
  EXPECT_TRUE(has(pivot_plain(table), "failed: wiki, context 1024, cab_b256, seed 42: out of"));
}

TEST(Pivot, DatasetsJudgedByOtherThingsHaveNoMean) {
  std::vector<CellResult> cells = campaign("recall");
  for (CellResult& cell : cells) {
    if (cell.cell.dataset != "recall") continue;
    const bool dense = cell.cell.method == "dense";
    for (DocumentResult& document : cell.documents) {
      document.answers = 4;
      document.right_answers = dense ? 4 : 1;
    }
    cell.documents.front().right_answers = dense ? 4 : 2;
  }
  const PivotTable table = pivot_of(cells, "method x budget");
  EXPECT_EQ(table.columns.size(), 4u);
  EXPECT_EQ(table.columns[2].heads.front(), "recall (exact match, %)");
  EXPECT_EQ(row_of(table, {"h2o"}).cells[2].text.number, "31.2");  // 5 of 16
  EXPECT_NEAR(*row_of(table, {"h2o"}).cells[2].change.value, -68.75, 1e-9);
  EXPECT_TRUE(has(pivot_plain(table), "no mean over datasets: they are not judged by the same."));
}

PivotTable pivot_by_ece(const std::vector<CellResult>& cells) {
  StoredCampaign stored;
  stored.directory = "made";
  stored.results = cells;
  const MergedCampaigns merged = merge_campaigns({stored});
  CompareOptions by_ece;
  by_ece.metric = "ece";
  PivotOptions options;
  options.layout = parse_pivot("method x budget", "budget");
  const MergedReport report = compare(merged, by_ece);
  return pivot_table(ComparisonView(merged, report, {}), options);
}

TEST(Pivot, TellsWhereAMetricIsNotAndOfWhichSeedsOnly) {
  std::vector<CellResult> cells = campaign();
  for (CellResult cell : campaign()) {
    cell.cell.seed = 43;
    cells.push_back(cell);
  }
  for (CellResult& cell : cells) {
    if (cell.cell.dataset == "wiki" || (cell.cell.method == "cab" && cell.cell.seed == 43))
      continue;
    add_metric(cell, "ece", 0.25, "1", Direction::kLowerIsBetter);
    cell.metrics.back().documents = {0.2, 0.3, 0.4, 0.1};
  }
  const PivotTable table = pivot_by_ece(cells);
  EXPECT_EQ(table.title, "ece: context 1024");
  const PivotCell& whole = row_of(table, {"h2o"}).cells.at(0);
  const PivotCell& partly = row_of(table, {"cab"}).cells.at(0);
  EXPECT_FALSE(whole.partly);
  EXPECT_TRUE(partly.partly);
  EXPECT_EQ(partly.value.value, 0.25);
  EXPECT_TRUE(has(pivot_plain(table), "no cell has ece on wiki, context 1024: left out."));
  EXPECT_TRUE(has(pivot_plain(table), "*: some of its seeds have no number."));
}

TEST(Pivot, MethodsOfAGroupStandTogether) {
  std::vector<CellResult> cells = campaign();
  for (const char* dataset : {"books", "wiki"}) {
    cells.push_back(cell_on(dataset, made_cell("snap", 0.5, 42, {1.2, 2.2, 3.3, 2.6}), 0.5));
  }
  PivotOptions options;
  options.groups = {{"h2o", "heavy"}, {"snap", "heavy"}, {"cab", "others"}};
  const PivotTable table = pivot_of(cells, "method x budget", options);
  std::vector<std::string> heads;
  for (const PivotRow& row : table.rows) heads.push_back(row.heads[0] + "/" + row.heads[1]);
  EXPECT_EQ(heads,
            (std::vector<std::string>{"/dense", "heavy/h2o", "heavy/snap", "others/cab", "/kept"}));
  EXPECT_TRUE(has(pivot_latex(table), "\\textit{heavy}"));
}

TEST(Pivot, GroupsAreReadFromTheConfig) {
  StoredCampaign stored;
  stored.directory = "made";
  stored.results = campaign();
  stored.config = {{"methods",
                    {"dense",
                     {{"name", "h2o@1.2"}, {"group", "heavy"}},
                     {{"name", "x"}, {"as", "cab"}, {"group", "others"}}}}};
  const std::map<std::string, std::string> expected = {{"h2o", "heavy"}, {"cab", "others"}};
  EXPECT_EQ(method_groups({stored}, merge_campaigns({stored})), expected);
}

TEST(PivotFormats, MarkdownRowsHaveTheColumnsOfTheirHead) {
  std::vector<CellResult> cells = campaign();
  for (CellResult& cell : cells) {
    if (cell.cell.method == "cab") cell.cell.method = kHostile;
  }
  const std::string text = pivot_markdown(pivot_of(cells, "method x budget"));
  std::size_t rows = 0;
  for (const std::string& line : lines_of(text)) {
    EXPECT_FALSE(has(line, "<i>"));
    if (line.empty() || line[0] != '|') continue;
    EXPECT_EQ(times(line, "|") - times(line, "\\|"), 8u) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 2u + 4u);
  EXPECT_TRUE(has(text, "| **10.10** \u00b11.47 |"));
  EXPECT_TRUE(has(text, "- best (bold): not told apart"));
}

// Braces that are no text.
int depth_of(const std::string& text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{' || text[i] == '}') {
      depth += text[i] == '{' ? 1 : -1;
    }
  }
  return depth;
}

// How many columns a row of a tabular has.
std::size_t columns_of(const std::string& row) {
  std::size_t columns = times(row, " & ") + 1;
  for (std::size_t at = row.find("\\multicolumn{"); at != std::string::npos;
       at = row.find("\\multicolumn{", at + 1)) {
    columns += std::stoul(row.substr(at + 13)) - 1;
  }
  return columns;
}

TEST(PivotFormats, LatexIsOneCompactTable) {
  std::vector<CellResult> cells = campaign();
  for (CellResult& cell : cells) {
    if (cell.cell.method == "cab") cell.cell.method = kHostile;
  }
  const std::string text = pivot_latex(pivot_of(cells, "method x budget"));
  EXPECT_EQ(text.rfind("% \\usepackage{booktabs", 0), 0u);
  EXPECT_FALSE(has(text, "longtable"));
  EXPECT_EQ(depth_of(text), 0);
  std::vector<std::string> open;
  std::size_t rows = 0;
  for (const std::string& line : lines_of(text)) {
    if (line.rfind("\\begin{", 0) == 0) open.push_back(line.substr(7, line.find('}') - 7));
    if (line.rfind("\\end{", 0) == 0) {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(line.substr(5, line.find('}') - 5), open.back());
      open.pop_back();
    }
    if (line.size() < 3 || line.compare(line.size() - 3, 3, " \\\\") != 0) continue;
    EXPECT_EQ(columns_of(line), 7u) << line;
    ++rows;
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(rows, 2u + 4u);
  for (const char* part :
       {"\\begin{tabular}{@{}lrrrrrr@{}}", "\\cmidrule(lr){2-3}\\cmidrule(lr){4-5}",
        "\\multicolumn{2}{c}{books}", "\\textbf{10.10}{\\tiny$\\pm$1.47}", "\\toprule",
        "\\bottomrule", "a$|$b \\& $<$i$>$\\_\\{50\\%\\}\\$\\textbackslash{}x {[}1{]}",
        "\\par best (bold): not told apart", "mean over seeds; lower is better."}) {
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  }
}

TEST(PivotFormats, LatexIsAsWideAsItMustBe) {
  std::vector<CellResult> cells;
  for (const CellResult& cell : campaign()) {
    if (cell.cell.dataset == "books") cells.push_back(cell);
  }
  EXPECT_TRUE(has(pivot_latex(pivot_of(cells, "method x budget")), "\\begin{table}\n"));
  // The same under labels of growing length.
  const struct {
    std::size_t length;
    const char* says;
  } cases[] = {{70, "\\begin{table*}\n"}, {400, "\\resizebox{\\textwidth}{!}{%\n"}};
  for (const auto& test : cases) {
    std::vector<CellResult> longer = cells;
    for (CellResult& cell : longer) {
      if (cell.cell.method == "cab") cell.cell.method = std::string(test.length, 'm');
    }
    const std::string text = pivot_latex(pivot_of(longer, "method x budget"));
    EXPECT_TRUE(has(text, test.says)) << text;
    EXPECT_EQ(has(text, "graphicx"), has(text, "resizebox"));
  }
}

TEST(PivotFormats, CsvAndJsonHaveTheNumbersExactly) {
  const PivotTable table = pivot_of(campaign(), "method x budget");
  const std::vector<std::string> lines = lines_of(pivot_csv(table));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0].substr(0, 74),
            "method,books 256,books 256 low,books 256 high,books 256 p,books 256 mark,b");
  EXPECT_NEAR(std::stod(lines[2].substr(4)), std::exp(2.3125), 1e-12) << lines[2];
  EXPECT_EQ(lines[2].substr(0, 4), "h2o,");
  const nlohmann::ordered_json json = pivot_json(table);
  std::string all;
  for (const std::string& error :
       schema_errors(test_dir() / "../docs/schemas/pivot.schema.json", json_text(json))) {
    all += error + "\n";
  }
  EXPECT_EQ(all, "");
  EXPECT_NEAR(json["rows"][1]["cells"][0]["value"]["value"].get<double>(), std::exp(2.3125), 1e-12);
  EXPECT_EQ(json["rows"][1]["cells"][0]["best"], true);
}

}  // namespace
}  // namespace pressroom::pivot_test
