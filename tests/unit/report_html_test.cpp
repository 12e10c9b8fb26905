#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "campaign_writer.h"
#include "markup_check.h"
#include "report/figures/campaign_figures.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/write_report.h"
#include "report_campaign.h"
#include "scratch_folder.h"

namespace pressroom::report_html_test {
namespace {

using Json = nlohmann::ordered_json;

// The page of `results`, written as a campaign and read back.
std::string page_of(const std::vector<CellResult>& results, const ScratchFolder& folder,
                    const std::string& name = "small") {
  write_campaign(folder.path(), name, results);
  ReportOptions options;
  options.figures = false;
  return read_file(write_report(folder.path(), options).html);
}

TEST(HtmlPage, SaysFirstWhichPluginsNobodySigned) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "small", report_campaign());
  StoredCampaign campaign = read_campaign(folder.path());
  const auto page = [&campaign] {
    const ComparisonReport report = compare(campaign.results);
    return alerts_section({campaign, report, {}, {}, {}});
  };
  EXPECT_FALSE(has(page(), "unsigned"));
  Json& plugin = campaign.provenance["methods"]["h2o"];
  plugin["version"] = "1.2.0";
  plugin["origin"] = {{"bundle_sha256", std::string(64, 'a')}, {"unsigned", true}};
  plugin["name"] = "<b>press</b>";
  EXPECT_TRUE(has(page(), "unsigned: method &lt;b&gt;press&lt;/b&gt; 1.2.0 - nobody vouched"));
}

TEST(HtmlPage, BeginsWithTagsAndNotesAndPutsGroupsBelowLabels) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "small", report_campaign());
  StoredCampaign campaign = read_campaign(folder.path());
  EXPECT_EQ(labels_of_head(campaign), "");
  campaign.config["tags"] = {"paper", "<b>"};
  campaign.config["notes"] = "Before the fix.\n  See <the> log.\n";
  EXPECT_EQ(labels_of_head(campaign),
            "<ul class=\"tags\" aria-label=\"tags\"><li>paper</li><li>&lt;b&gt;</li></ul>"
            "<p class=\"about\">Before the fix.\n  See &lt;the&gt; log.</p>");
  const auto results = [&campaign] {
    const ComparisonReport report = compare(campaign.results);
    const std::vector<FigureRow> rows = figure_rows(campaign.results, report);
    const std::vector<std::string> methods = {"dense", "h2o", "cab"};
    return results_section({campaign, report, rows, methods, {}});
  };
  EXPECT_FALSE(has(results(), "class=\"group\""));
  for (Json& use : campaign.config["methods"]) {
    if (use["name"] == "h2o") use["group"] = "<heavy> hitters";
  }
  EXPECT_TRUE(has(results(), "h2o<small class=\"group\">&lt;heavy&gt; hitters</small></th>"));
}

TEST(HtmlText, EscapesMarkupAndWhatMisleads) {
  EXPECT_EQ(html_escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(html_escaped("t\tn\nx\x1b\x7f"), "t\tn\nx\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(html_escaped("caf\xC3\xA9 \xC3"), "caf\xC3\xA9 \xEF\xBF\xBD");
  EXPECT_EQ(html_escaped("\xE2\x80\xAE"
                         "evil"),
            "\\u202eevil");                                           // right-to-left override
  EXPECT_EQ(html_escaped("\xE2\x81\xA6\xC2\x9B"), "\\u2066\\u009b");  // isolate, C1 control
}

TEST(HtmlText, JsonCannotEndItsElement) {
  const Json json = {{"tokens", {"</script>", "a&b"}}};
  const std::string text = json_in_html(json);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(Json::parse(text), json);
}

TEST(HtmlText, JsonSpellsWhatMisleads) {
  const Json read = Json::parse(json_in_html({{"token",
                                               "a\xE2\x80\xAE"
                                               "b caf\xC3\xA9"}}));
  EXPECT_EQ(read["token"], "a\\u202eb caf\xC3\xA9");
}

TEST(Base64, MakesTheTestVectorsOfRfc4648) {
  const std::pair<std::string, std::string> kVectors[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) EXPECT_EQ(base64(bytes), text);
  EXPECT_EQ(bytes_of_hex("00ff41"), std::string("\x00\xff\x41", 3));
  EXPECT_EQ(bytes_of_hex("../x"), "");
}

TEST(ReportPage, IsWellFormedAndHasEverySection) {
  const ScratchFolder folder;
  const std::string page = page_of(report_campaign(), folder);
  EXPECT_EQ(unbalanced_tag(page), "");
  for (const char* part :
       {"<table id=\"results\">", "<input id=\"filter\"", "figure id=\"ppl_vs_kept_books_ctx1024\"",
        "id=\"significance-h\"", "id=\"kept-h\"", "id=\"provenance-h\"", "class=\"skip\"",
        "<title>small - Pressroom</title>", "<th scope=\"row\"", "command_line"}) {
    EXPECT_TRUE(has(page, part)) << part;
  }
  EXPECT_FALSE(has(page, "id=\"alerts-h\""));
  EXPECT_FALSE(has(page, "id=\"traces\""));  // there are none
}

TEST(ReportPage, AsksNoNetworkForAnything) {
  const ScratchFolder folder;
  const std::string page = page_of(report_campaign(), folder);
  for (const char* part : {"http:", "https:", "src=", "@import", "url(", "fetch("}) {
    EXPECT_FALSE(has(page, part)) << part;
  }
  EXPECT_TRUE(has(page, "default-src 'none'"));
}

TEST(ReportPage, RunsNoScriptButItsOwn) {
  const ScratchFolder folder;
  const std::string page = page_of(report_campaign(), folder);
  const std::size_t policy = page.find("script-src");
  const std::string allowed = page.substr(policy, page.find('"', policy) - policy);
  std::size_t scripts = 0;
  std::size_t begin = 0;
  while ((begin = page.find("<script>", begin)) != std::string::npos) {
    begin += std::string("<script>").size();
    const std::string script = page.substr(begin, page.find("</script>", begin) - begin);
    const std::string hash = base64(bytes_of_hex(sha256_hex(script)));
    EXPECT_TRUE(has(allowed, "'sha256-" + hash + "'")) << script.substr(0, 80);
    ++scripts;
  }
  EXPECT_EQ(scripts, 3u);
  EXPECT_EQ(static_cast<std::size_t>(std::count(allowed.begin(), allowed.end(), '\'')),
            2 * scripts);
}

TEST(ReportPage, SameCampaignSameBytes) {
  const ScratchFolder first;
  const ScratchFolder second;
  EXPECT_EQ(page_of(report_campaign(), first), page_of(report_campaign(), second));
}

TEST(ReportPage, RowsCarryTheirNumbersExactly) {
  const ScratchFolder folder;
  const std::vector<CellResult> results = report_campaign();
  const std::string page = page_of(results, folder);
  EXPECT_TRUE(has(page, "data-d=\"books\" data-c=\"1024\" data-s=\"0.9\""));
  EXPECT_TRUE(has(page, "<td data-v=\"9.6\"><b class=\"best\">9.600</b></td>"));
  // Of what it is best stands beside the verdict against the baseline, which may well be "worse".
  EXPECT_TRUE(has(page, "<b class=\"best\">best of sparsity 0.9 in ppl, delta nll</b></td>"));
  EXPECT_TRUE(has(page, "<td class=\"l verdict\">baseline</td>"));
}

TEST(ReportPage, OfSeveralThatAreNotToldApartNoneIsTheBestAlone) {
  const ScratchFolder folder;
  std::vector<CellResult> results = report_campaign();
  std::vector<double> near;  // on average h2o's
  for (int i = 0; i < 6; ++i) near.push_back(2 + 0.1 * i + 0.01 + 0.02 * (i % 2 ? 1 : -1));
  results.push_back(fully_measured(made_cell("near", 0.9, 42, near), 9.7, 0.1, 90));
  const std::string page = page_of(results, folder);
  EXPECT_EQ(times(page, "among the best of sparsity 0.9 in ppl, delta nll"), 2u);
  EXPECT_FALSE(has(page, ">best of sparsity 0.9 in ppl"));
}

TEST(ReportPage, SaysEachReasonOfFailuresOnce) {
  const ScratchFolder folder;
  std::vector<CellResult> results = report_campaign();
  for (const double sparsity : {0.5, 0.7}) {
    results.push_back(made_cell("h2o", sparsity, 42, {}));
    results.back().error = "out of memory";
  }
  const std::string page = page_of(results, folder);
  const std::string alerts = page.substr(page.find("Failed cells"), 400);
  EXPECT_EQ(times(alerts, "out of memory"), 1u) << alerts;
  EXPECT_TRUE(has(alerts, "h2o_s0.5, h2o_s0.7 in 2 cells")) << alerts;
}

TEST(ReportPage, SignificanceIsToldInWordsFromBothSides) {
  const ScratchFolder folder;
  const std::string page = page_of(report_campaign(), folder);
  const std::size_t matrix = page.find("class=\"matrix\"");
  ASSERT_NE(matrix, std::string::npos);
  const std::string rows = page.substr(page.find("<tbody>", matrix), 1200);
  const auto row = [&rows](const std::string& method) {
    const std::size_t at = rows.find(">" + method + "</th>");
    return rows.substr(at, rows.find("</tr>", at) - at);
  };
  // Columns: dense, h2o, cab.
  EXPECT_TRUE(has(row("dense"), "class=\"b\">better")) << row("dense");
  EXPECT_TRUE(has(row("h2o"), "class=\"w\">worse")) << row("h2o");
  EXPECT_TRUE(has(row("h2o"), "class=\"b\">better")) << row("h2o");
  EXPECT_FALSE(has(row("cab"), "better")) << row("cab");
}

TEST(ReportPage, WhatWasKeptStandsUnderItsOwnContext) {
  const ScratchFolder folder;
  std::vector<CellResult> results = report_campaign();
  const std::int64_t context = results.front().cell.context_tokens;
  for (CellResult& cell : results) {
    if (cell.cell.method == "cab") cell.cell.context_tokens = context / 2;
  }
  const std::string page = page_of(results, folder);
  const std::string kept = page.substr(page.find("Kept by layer and head"));
  EXPECT_TRUE(has(kept, ", context " + std::to_string(context) + "</summary>"));
  EXPECT_TRUE(has(kept, ", context " + std::to_string(context / 2) + "</summary>"));
}

TEST(ReportPage, TroubleComesFirst) {
  const ScratchFolder folder;
  std::vector<CellResult> results = report_campaign();
  results[2].metrics.clear();
  results[2].documents.clear();
  results[2].size_curve = {};
  results[2].error = "killed by <signal> 11";
  results.push_back(failed_cell("late", 0.9, 42, kNotRun));
  const std::string page = page_of(results, folder);
  const std::size_t alerts = page.find("Read this first");
  ASSERT_NE(alerts, std::string::npos);
  EXPECT_LT(alerts, page.find(">Summary<"));
  EXPECT_TRUE(has(page, "killed by &lt;signal&gt; 11"));
  EXPECT_TRUE(has(page, "3 of 4 cells"));
  EXPECT_TRUE(has(page, "p does not allow for looking before the end"));
  EXPECT_EQ(unbalanced_tag(page), "");
}

// Labels, ids and messages that would like to be markup.
TEST(ReportPage, WhatCampaignsHoldIsTextEverywhere) {
  const std::string evil = "</script><img src=x onerror=alert(1)>";
  const ScratchFolder folder;
  std::vector<CellResult> results = report_campaign();
  for (CellResult& cell : results) {
    if (cell.cell.method == "cab") cell.cell.method = evil;
    cell.documents[0].id = evil;
    cell.documents[0].provenance = evil;
  }
  results.push_back(failed_cell("x\xff\"'", 0.9, 42, evil));
  write_campaign(folder.path(), evil, {});
  const StoredCampaign stored = {folder.path(),  evil,           {},   results,
                                 Json::object(), {{evil, evil}}, false};
  const ComparisonReport report = compare(results);
  const std::vector<FigureRow> rows = figure_rows(results, report);
  const std::vector<std::string> methods = methods_of(rows, "dense");
  const std::vector<Figure> figures = campaign_figures(results, report);
  const ReportContent content = {stored, report, rows, methods, figures};
  const std::string markup = alerts_section(content) + summary_section(content) +
                             results_section(content) + method_summary_section(content) +
                             figures_section(content) + significance_section(content) +
                             kept_section(content);
  EXPECT_FALSE(has(markup, "<img"));
  EXPECT_FALSE(has(markup, "</script>"));
  EXPECT_TRUE(has(markup, "&lt;img src=x onerror=alert(1)&gt;"));
  EXPECT_EQ(unbalanced_tag(markup), "");
}

TEST(WriteReport, GoesWhereItIsToldAndLeavesTheCampaignAlone) {
  const ScratchFolder folder;
  const ScratchFolder other;
  write_campaign(folder.path(), "small", report_campaign());
  ReportOptions options;
  options.figures = false;
  options.out = other.path() / "deep" / "page.html";
  const WrittenReport written = write_report(folder.path(), options);
  EXPECT_EQ(written.html, options.out);
  EXPECT_TRUE(std::filesystem::exists(written.html));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "report.html"));
  EXPECT_TRUE(written.figures.empty());
  EXPECT_TRUE(written.notes.empty());
}

TEST(WriteReport, ShowsWhatWasReadWhateverFilesHoldSince) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "small", report_campaign());
  const StoredCampaign stored = read_campaign(folder.path());
  ReportOptions options;
  options.figures = false;
  const std::string page = read_file(write_report(stored, options).html);
  for (const CellResult& result : stored.results) {
    write_file_atomically(stored.cell_file(result.cell), "{");
  }
  EXPECT_THROW(write_report(folder.path(), options), Error);
  std::filesystem::remove(folder.path() / "report.html");
  EXPECT_EQ(read_file(write_report(stored, options).html), page);
}

TEST(WriteReport, OverwritesNothingButAReport) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "small", report_campaign());
  ReportOptions options;
  options.figures = false;
  const auto cell = read_campaign(folder.path()).cell_file(report_campaign()[0].cell);
  const auto notes = folder.path() / "notes.html";
  write_file_atomically(notes, "<!DOCTYPE html>\n<p>mine");
  for (const auto& file : {cell, notes}) {
    const std::string before = read_file(file);
    options.out = file;
    EXPECT_THROW(write_report(folder.path(), options), Error) << file;
    EXPECT_EQ(read_file(file), before);
  }
  options.out = folder.path() / "page.htm";
  write_report(folder.path(), options);
  EXPECT_NO_THROW(write_report(folder.path(), options));
}

TEST(WriteReport, PagesOfOneFolderHaveFiguresOfTheirOwn) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "small", report_campaign());
  ReportOptions options;
  EXPECT_EQ(write_report(folder.path(), options).figures, folder.path() / "figures");
  options.out = folder.path() / "strict.html";
  EXPECT_EQ(write_report(folder.path(), options).figures, folder.path() / "strict-figures");
}

TEST(WriteReport, RefusesADirectoryWithoutResults) {
  const ScratchFolder folder;
  EXPECT_THROW(write_report(folder.path(), {}), Error);
  write_campaign(folder.path(), "waiting", {failed_cell("dense", 0, 42, kNotRun)});
  EXPECT_THROW(write_report(folder.path(), {}), Error);
}

}  // namespace
}  // namespace pressroom::report_html_test
