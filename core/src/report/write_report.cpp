#include "report/write_report.h"

#include "campaign/stored_campaign.h"
#include "files/atomic_file.h"
#include "report/campaign_figures.h"
#include "report/draw_figures.h"
#include "report/html/page.h"
#include "report/summary.h"

namespace pressroom {
namespace {

std::string progress_note(const StoredCampaign& campaign) {
  const CellCounts counts = count_cells(campaign.results);
  std::string note = std::to_string(counts.planned - counts.waiting) + " of " +
                     std::to_string(counts.planned) + " cells have been run";
  if (counts.failed > 0) note += ", " + std::to_string(counts.failed) + " of them failed";
  return note;
}

}  // namespace

WrittenReport write_report(const std::filesystem::path& directory, const ReportOptions& options) {
  const StoredCampaign campaign = read_campaign(directory);
  require_results(campaign);
  CompareOptions how;
  how.margin = options.margin;
  how.partial = !campaign.complete();
  const ComparisonReport report = compare(campaign.results, how);
  const std::vector<FigureRow> rows = figure_rows(campaign.results, report);
  const std::vector<std::string> methods = methods_of(rows, report.baseline);
  const std::vector<Figure> figures = campaign_figures(campaign.results, report);
  const ReportContent content = {campaign, report, rows, methods, figures};

  WrittenReport written;
  written.html = options.out.empty() ? directory / "report.html" : options.out;
  write_file_atomically(
      written.html, report_page(content, trace_view(campaign, report.baseline, kTraceBudgetBytes)));
  const CellCounts counts = count_cells(campaign.results);
  if (counts.waiting + counts.failed > 0) written.notes.push_back(progress_note(campaign));
  for (const Problem& finding : report.findings) written.notes.push_back(finding.text());
  if (options.figures && !figures.empty()) {
    written.figures = written.html.parent_path() / "figures";
    const DrawnFigures drawn = draw_figures(figures, written.figures, {"svg", "pdf"});
    if (!drawn.note.empty()) written.notes.push_back(drawn.note);
  }
  return written;
}

}  // namespace pressroom
