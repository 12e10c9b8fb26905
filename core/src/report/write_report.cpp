#include "report/write_report.h"

#include <fstream>
#include <string_view>

#include "base/whole_file.h"
#include "pressroom/error.h"
#include "report/figures/campaign_figures.h"
#include "report/figures/draw_figures.h"
#include "report/figures/figure_choices.h"
#include "report/html/page.h"
#include "report/table/shown_metrics.h"
#include "report/table/summary.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPageStart = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>";

std::string progress_note(const StoredCampaign& campaign) {
  const CellCounts counts = count_cells(campaign.results);
  std::string note = std::to_string(counts.planned - counts.waiting) + " of " +
                     std::to_string(counts.planned) + " cells have been run";
  if (counts.failed > 0) note += ", " + std::to_string(counts.failed) + " of them failed";
  return note;
}

// Pages in one folder have figures of their own.
std::string figures_folder(const fs::path& page) {
  const std::string name = page.stem().string();
  return name == "report" ? "figures" : name + "-figures";
}

// A mistyped --out must not overwrite a result.
void check_page(const fs::path& page) {
  const auto refuse = [&page](const std::string& got) {
    throw Error({"the report would overwrite another file", page.string(),
                 "a name that ends in .html or .htm, of no file or of a report", got, ""});
  };
  if (page.extension() != ".html" && page.extension() != ".htm") refuse("another name");
  std::ifstream file(page, std::ios::binary);
  if (!file) return;
  std::string head(kPageStart.size(), ' ');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (head != kPageStart) refuse("a file that is no report");
}

}  // namespace

WrittenReport write_report(const StoredCampaign& campaign, const ReportOptions& options) {
  require_results(campaign);
  WrittenReport written;
  written.html = options.out.empty() ? campaign.directory / "report.html" : options.out;
  check_page(written.html);
  CompareOptions how;
  const ShownMetrics shown = shown_metrics(campaign);
  if (options.margin) set_judged_margin(*options.margin, how);
  how.partial = !campaign.complete();
  const ComparisonReport report = compare_shown(campaign.results, how, shown);
  const std::vector<FigureRow> rows = figure_rows(campaign.results, report);
  const std::vector<std::string> methods = methods_of(rows, report.baseline);
  const std::vector<Figure> figures = campaign_figures(campaign.results, report, shown.columns);
  const ReportContent content = {campaign, report, rows, methods, figures};

  write_file_atomically(
      written.html, report_page(content, trace_view(campaign, report.baseline, kTraceBudgetBytes)));
  const CellCounts counts = count_cells(campaign.results);
  if (counts.waiting + counts.failed > 0) written.notes.push_back(progress_note(campaign));
  for (const Problem& finding : report.findings) written.notes.push_back(finding.text());
  if (options.figures && !figures.empty()) {
    written.figures = written.html.parent_path() / figures_folder(written.html);
    const FigureChoices choices = figure_choices(campaign.config);
    std::vector<Figure> exported;
    for (const Figure& figure : figures) {
      exported.push_back(without_series(figure, choices.without));
    }
    const DrawnFigures drawn = draw_figures(exported, written.figures, choices.formats, methods);
    if (!drawn.note.empty()) written.notes.push_back(drawn.note);
    written.figures_failed = drawn.failed;
  }
  return written;
}

WrittenReport write_report(const std::filesystem::path& directory, const ReportOptions& options) {
  return write_report(read_campaign(directory), options);
}

}  // namespace pressroom
