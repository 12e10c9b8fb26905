// The report as one page that needs nothing beside itself: style, script, figures and data are in
// it, it opens from file:// and asks no network for anything. Its sections are functions of what a
// report is made of, in the order in which they stand on it.
//
//   write_file_atomically("report.html", report_page(content, traces));
#pragma once

#include <string>
#include <vector>

#include "report/figures/figure.h"
#include "report/figures/figure_rows.h"
#include "report/html/trace_view.h"
#include "results/stored_campaign.h"
#include "stats/comparison.h"

namespace pressroom {

// What a report is made of. Everything outlives the call of a section.
struct ReportContent {
  const StoredCampaign& campaign;
  const ComparisonReport& report;
  const std::vector<FigureRow>& rows;
  const std::vector<std::string>& methods;  // the baseline first; fixes colours and symbols
  const std::vector<Figure>& figures;
};

// The sections, each as the markup of one <section> - or "" where there is nothing to tell. All of
// them escape what they are given.

// Below the campaign's name: tags and notes of its config, the line ends of these as they are; ""
// where it has none.
std::string labels_of_head(const StoredCampaign& campaign);

// What keeps the numbers from being believed or complete: findings, failed cells with their
// reasons, cells still to be run. The first thing on the page.
std::string alerts_section(const ReportContent& content);

// Three sentences, report/table/summary.h.
std::string summary_section(const ReportContent& content);

// The results table, id "results": a row a group, sorted by the buttons in its head and filtered by
// the fields above it. Cells that have a number carry it exactly in data-v.
std::string results_section(const ReportContent& content);

// Every figure, as <figure id> with legend, caption and its data as a table; and the method
// comparison summary (Table 3 of the perplexity study): perplexities by method and sparsity.
std::string figures_section(const ReportContent& content);
std::string method_summary_section(const ReportContent& content);

// Methods against methods for each dataset, context and sparsity: who is better, and the adjusted
// p. At most kMostMatrixCells cells; what was left out is said.
constexpr std::size_t kMostMatrixCells = 20000;
std::string significance_section(const ReportContent& content);

// Fraction of the entries kept by layer and KV head, a table a method, at the largest context and
// the highest sparsity of each dataset.
std::string kept_section(const ReportContent& content);

// What the methods answered to a task's questions, beside the baseline: those that methods lost
// first; of a wrong answer where its evidence still was.
std::string answers_section(const ReportContent& content);

// The configs that the directory had, with dates and what changed: "" where it has had one.
std::string configs_section(const ReportContent& content);

// The campaign's own record: config, versions, hashes, machine, command line, files.
std::string provenance_section(const ReportContent& content);

// The page. The same content gives the same bytes. A content security policy keeps everything from
// running but the page's own scripts, whatever labels hold.
std::string report_page(const ReportContent& content, const TraceView& traces);

}  // namespace pressroom
