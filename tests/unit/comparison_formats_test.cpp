#include "report/comparison/comparison_formats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "compare/merged_campaigns.h"
#include "result_builder.h"
#include "stats/interpolate.h"

namespace pressroom::comparison_formats_test {
namespace {

using Json = nlohmann::ordered_json;

const char* const kHostile = "a|b & <i>_{50%}$\\x\n\"[1]~^#`*,\x1b[31m";

// dense, h2o, a method with a hostile name, one that failed, and one with a single metric.
std::vector<CellResult> results() {
  std::vector<CellResult> cells = {
      made_cell("dense", 0, 42, {1, 2, 3, 2.5}),
      made_cell("h2o", 0.5, 42, {1.1, 2.2, 3.3, 2.65}),
      made_cell(kHostile, 0.5, 42, {1.2, 2.1, 3.25, 2.45}),
      failed_cell("oom", 0.5, 42, "out of memory\n& <b>"),
  };
  for (std::size_t i = 0; i < 2; ++i) add_metric(cells[i], "kept_ratio", 1 - 0.5 * double(i));
  return cells;
}

struct Shown {
  MergedCampaigns merged;
  MergedReport report;
};

Shown shown(const std::vector<CellResult>& cells) {
  StoredCampaign campaign;
  campaign.directory = "made";
  campaign.results = cells;
  Shown all;
  all.merged = merge_campaigns({campaign});
  all.report = compare(all.merged, CompareOptions());
  return all;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Of characters that are not escaped by a backslash.
std::size_t bare(const std::string& text, char wanted) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == wanted) {
      ++count;
    }
  }
  return count;
}

// Fields of one record of RFC 4180, which may span lines.
std::vector<std::vector<std::string>> records_of(const std::string& text) {
  std::vector<std::vector<std::string>> records = {{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& field = records.back().back();
    if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      records.back().emplace_back();
    } else if (text[i] == '\n' && !quoted) {
      records.push_back({""});
    } else {
      field += text[i];
    }
  }
  records.pop_back();
  return records;
}

TEST(ComparisonFormats, PlainTextShowsBothMeansTheTestAndTheVerdict) {
  const Shown all = shown(results());
  const ComparisonView view(all.merged, all.report, {"half-finished: 4 of 5 cells."});
  const std::string text = comparison_text(comparison_tables(view, true));
  EXPECT_EQ(text.rfind("half-finished: 4 of 5 cells.\n", 0), 0u);
  for (const char* words :
       {"against dense: books, context 1024", "methods against each other", "by tokens",
        "the unit is the document: n = 4", "exact", "family of 2 tests, adjusted by Holm",
        "incomplete: oom_s0.5, seed 42: out of memory", "difference of 1 % of ppl",
        "failed: books, context 1024, oom_s0.5, seed 42: out of memory"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(ComparisonFormats, TablesSayOneReasonOnceAndJsonSaysItOfEveryCell) {
  std::vector<CellResult> cells = results();
  cells.push_back(failed_cell("oom", 0.75, 42, cells[3].error));
  const Shown all = shown(cells);
  const ComparisonView view(all.merged, all.report, {});
  const std::string once =
      "oom_s0.5, oom_s0.75 in 2 cells: dataset books, context 1024, seed 42: out of memory";
  const ComparisonTables tables = comparison_tables(view, false);
  for (const std::string& text :
       {comparison_text(tables), comparison_markdown(tables), comparison_latex(tables)}) {
    std::size_t failures = 0;
    for (const std::string& line : lines_of(text)) {
      failures += line.find("failed: ") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(failures, 1U) << text;
  }
  EXPECT_NE(comparison_text(tables).find("failed: " + once), std::string::npos);
  EXPECT_EQ(comparison_json(view)["failures"],
            (Json{"books, context 1024, oom_s0.5, seed 42: " + cells[3].error,
                  "books, context 1024, oom_s0.75, seed 42: " + cells[3].error}));
}

TEST(ComparisonFormats, MarkdownCellsStayInTheirColumns) {
  const Shown all = shown(results());
  const ComparisonView view(all.merged, all.report, {});
  std::size_t rows = 0;
  for (const std::string& line : lines_of(comparison_markdown(comparison_tables(view, true)))) {
    EXPECT_EQ(line.find("<i>"), std::string::npos);
    if (line.empty() || line[0] != '|') continue;
    EXPECT_EQ(bare(line, '|'), 11u) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 2u + 4u + 2u + 3u);
}

TEST(ComparisonFormats, LatexIsWellFormed) {
  const Shown all = shown(results());
  const ComparisonView view(all.merged, all.report, {"half-finished: 4 of 5_cells."});
  const std::string text = comparison_latex(comparison_tables(view, true));
  // What must be read is set, and is no comment.
  for (const char* words :
       {"\\caption{Perplexity: against dense. half-finished: 4 of 5\\_cells.}",
        "\n\\par test: paired t", "\n\\par family of 2 tests", "\n\\par failed: books"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words;
  }
  std::vector<std::string> open;
  std::size_t rows = 0;
  for (const std::string& line : lines_of(text)) {
    if (line.rfind("% ", 0) == 0) continue;
    EXPECT_EQ(bare(line, '%'), 0u) << line;
    EXPECT_EQ(bare(line, '#') + bare(line, '~') + bare(line, '^'),
              static_cast<std::size_t>(std::count(line.begin(), line.end(), '^')))
        << line;  // only of powers of ten
    EXPECT_EQ(bare(line, '{'), bare(line, '}')) << line;
    EXPECT_EQ(bare(line, '$') % 2, 0u) << line;
    if (line.rfind("\\begin{", 0) == 0) open.push_back(line.substr(7, line.find('}') - 7));
    if (line.rfind("\\end{", 0) == 0) {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(line, "\\end{" + open.back() + "}");
      open.pop_back();
    }
    const bool is_row = line.size() > 3 && line.substr(line.size() - 3) == " \\\\";
    if (!is_row || line.rfind("\\multicolumn", 0) == 0) continue;
    EXPECT_EQ(bare(line, '&'), 9u) << line;
    ++rows;
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(rows, 4u + 4u + 4u + 3u);  // headers twice: of the first page and of others
  for (const char* words :
       {"\\begin{longtable}", "\\endhead", "\\toprule", "\\midrule", "\\bottomrule", "$\\pm$",
        "\\textbackslash{}x", "''{[}1{]}", "\\_\\{50\\%\\}\\$", "$\\to$"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words;
  }
}

TEST(ComparisonFormats, LatexSetsTheMinusOfAnIntervalInWords) {
  const Shown all = shown(
      {made_cell("dense", 0, 42, {1, 2, 3, 2.5}), made_cell("h2o", 0.5, 42, {1.1, 1.9, 3.2, 2.4})});
  const ComparisonView view(all.merged, all.report, {});
  const std::string text = comparison_latex(comparison_tables(view, false));
  EXPECT_NE(text.find("not resolved ($-$"), std::string::npos) << text;
}

TEST(ComparisonFormats, CsvHasEveryFigureOfEveryComparison) {
  const Shown all = shown(results());
  const ComparisonView view(all.merged, all.report, {});
  const auto records = records_of(comparison_csv(view));
  ASSERT_EQ(records.size(), 1u + 3u + 3u);
  const auto column = [&records](const std::string& name) {
    return static_cast<std::size_t>(std::find(records[0].begin(), records[0].end(), name) -
                                    records[0].begin());
  };
  for (const auto& record : records) EXPECT_EQ(record.size(), records[0].size());
  const std::vector<std::string>& h2o = records[1];
  const Comparison& c = all.report.report.to_baseline.comparisons[0];
  EXPECT_EQ(h2o.at(column("name")), "dense_vs_h2o_s0.5");
  EXPECT_EQ(std::stod(h2o.at(column("p_value"))), *c.test.p);
  EXPECT_EQ(std::stod(h2o.at(column("wilcoxon_p"))), 0.125);  // 2 of 16 signs
  EXPECT_EQ(h2o.at(column("wilcoxon_method")), "exact");
  EXPECT_EQ(h2o.at(column("second_kept_ratio")), "0.5");
  // Every window has four targets, so that both means agree: (1.1 + 2.2 + 3.3 + 2.65) / 4.
  EXPECT_NEAR(std::stod(h2o.at(column("second_ppl_token_weighted"))), std::exp(2.3125), 1e-12);
  EXPECT_NEAR(std::stod(h2o.at(column("second_ppl_document_weighted"))), std::exp(2.3125), 1e-12);
  EXPECT_EQ(records[2].at(column("second")), kHostile);
  EXPECT_EQ(records[2].at(column("second_kept_ratio")), "");  // that metric is missing for it
  EXPECT_EQ(records[3].at(column("status")), "incomplete");
  EXPECT_EQ(records[3].at(column("p_value")), "");
  EXPECT_EQ(records[3].at(column("delta_nll_nats")), "");
}

TEST(ComparisonFormats, WhatIsInterpolatedIsSaidSoInEveryFormat) {
  std::vector<CellResult> cells = results();
  cells[1].metrics[0].aggregation = kInterpolatedAt;
  for (const bool interpolated : {false, true}) {
    const Shown all = shown(interpolated ? cells : results());
    const ComparisonView view(all.merged, all.report, {});
    const ComparisonTables tables = comparison_tables(view, false);
    const char* unit = interpolated ? "interpolated" : "measured";
    EXPECT_EQ(tables.families[0].table.columns[2].unit, unit);
    EXPECT_NE(comparison_latex(tables).find(unit), std::string::npos);
    const auto records = records_of(comparison_csv(view));
    const auto column = std::find(records[0].begin(), records[0].end(), "second_interpolated");
    ASSERT_NE(column, records[0].end());
    const auto at = static_cast<std::size_t>(column - records[0].begin());
    EXPECT_EQ(records[1][at], interpolated ? "true" : "false");
    const Json h2o = comparison_json(view)["families"][0]["comparisons"][0];
    EXPECT_EQ(h2o["second"]["interpolated"], interpolated);
    EXPECT_EQ(h2o["first"]["interpolated"], false);
  }
}

TEST(ComparisonNotes, CountWindowsAndTextsAndWhatWasDrawnTwice) {
  const auto notes = [](const std::vector<CellResult>& cells) {
    const Shown all = shown(cells);
    std::string text;
    for (const std::string& note :
         comparison_tables(ComparisonView(all.merged, all.report, {}), false).notes) {
      text += note + "\n";
    }
    return text;
  };
  const auto has = [](const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
  };
  std::vector<CellResult> cells = {made_cell("dense", 0, 42, {1, 2, 3}),
                                   made_cell("h2o", 0.5, 42, {1.1, 2.2, 3.3})};
  EXPECT_TRUE(has(notes(cells), "n = 3 windows of 3 texts.")) << notes(cells);
  EXPECT_FALSE(has(notes(cells), "several seeds drew"));
  for (CellResult& cell : cells) {
    for (std::size_t i = 0; i < 3; ++i) {
      cell.documents[i].id = "book@" + std::to_string(1024 * i);
    }
  }
  EXPECT_TRUE(has(notes(cells), "n = 3 windows of 1 text.")) << notes(cells);
  EXPECT_FALSE(has(notes(cells), "not independent"));
  for (CellResult& cell : cells) cell.cell.context_tokens = 64;
  EXPECT_TRUE(has(notes(cells), "windows of one text are not independent"));
  for (std::size_t i = 0; i < 2; ++i) {
    CellResult again = cells[i];
    again.cell.seed = 43;
    cells.push_back(again);
  }
  EXPECT_TRUE(has(notes(cells), "n = 3 windows of 1 text."));
  EXPECT_TRUE(has(notes(cells), "several seeds drew one window"));
}

TEST(ComparisonFormats, MeansDifferWhereWindowsDifferInLength) {
  std::vector<CellResult> cells = {made_cell("dense", 0, 42, {1, 3})};
  cells[0].documents[0].targets = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  cells[0].documents[0].sum_nll_nats = 12;
  const CellGroup group = {"dense", 0, 1024, "books", 1024, "stream", {&cells[0]}, {}};
  EXPECT_NEAR(*measured(&group).token_weighted_ppl, std::exp(24.0 / 16), 1e-12);
  EXPECT_NEAR(*measured(&group).document_weighted_ppl, std::exp(2.0), 1e-12);
  EXPECT_FALSE(measured(nullptr).token_weighted_ppl);
}

TEST(ComparisonFormats, JsonIsWholeWhateverTheNumbers) {
  std::vector<CellResult> cells = results();
  cells[1].documents[2].sum_nll_nats = std::numeric_limits<double>::quiet_NaN();
  const Shown all = shown(cells);
  const ComparisonView view(all.merged, all.report, {"half-finished"});
  const Json json = Json::parse(comparison_json(view).dump(1));
  EXPECT_EQ(json["baseline"], "dense");
  EXPECT_EQ(json["heads"][0], "half-finished");
  ASSERT_EQ(json["families"].size(), 2u);
  const Json& h2o = json["families"][0]["comparisons"][0];
  EXPECT_EQ(h2o["status"], "incomplete");
  EXPECT_TRUE(h2o["delta_nll_nats"].is_null());
  EXPECT_TRUE(h2o["second"]["ppl_token_weighted"].is_null());
  EXPECT_EQ(h2o["verdict"],
            "incomplete: h2o_s0.5, seed 42: the nll of document d2@0 is not a finite number");
  const Json& other = json["families"][0]["comparisons"][1];
  EXPECT_FALSE(other["t_statistic"].is_null());
  EXPECT_EQ(other["wilcoxon"]["method"], "exact");
  EXPECT_FALSE(view.sound());  // a cell failed
}

TEST(ComparisonView, IsSoundUntilACellFailsOrContradictsItself) {
  const std::vector<CellResult> good = {made_cell("dense", 0, 42, {1, 2, 3}),
                                        made_cell("h2o", 0.5, 42, {1.1, 2.2, 3.3})};
  std::vector<CellResult> waiting = good;
  waiting.push_back(failed_cell("cab", 0.5, 42, kNotRun));
  std::vector<CellResult> suspect = good;
  suspect.push_back(made_cell("cab", 0.5, 42, {1, 2, 3}));  // evicted, and as if it had not
  const std::pair<std::vector<CellResult>, bool> cases[] = {
      {good, true}, {waiting, true}, {suspect, false}, {results(), false}};
  for (const auto& [cells, sound] : cases) {
    const Shown all = shown(cells);
    EXPECT_EQ(ComparisonView(all.merged, all.report, {}).sound(), sound);
  }
}

TEST(ComparisonFormats, OneDocumentSaysThatThereIsNoTest) {
  const Shown all = shown({made_cell("dense", 0, 42, {1}), made_cell("h2o", 0.5, 42, {1.1})});
  const ComparisonView view(all.merged, all.report, {});
  const std::string text = comparison_text(comparison_tables(view, false));
  EXPECT_NE(text.find("one document: no test"), std::string::npos);
  EXPECT_NE(text.find("test: none could be made."), std::string::npos);
}

}  // namespace
}  // namespace pressroom::comparison_formats_test
