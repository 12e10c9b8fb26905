#include <algorithm>
#include <map>
#include <set>

#include "base/number_text.h"
#include "base/strings.h"
#include "report/html/best_words.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/html/svg_figure.h"
#include "report/table/results_table.h"
#include "report/table/shown_metrics.h"
#include "results/campaign_labels.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string head_cell(const std::string& header, const std::string& unit, bool left) {
  std::string markup = std::string("<th scope=\"col\"") + (left ? " class=\"l\"" : "") +
                       "><button type=\"button\">" + html_escaped(header);
  if (!unit.empty()) markup += " <small>" + html_escaped(unit) + "</small>";
  return markup + "</button></th>";
}

// "+0.061 +-0.024" and "0.0033 **" in the parts between which a line may end where the page is
// narrow.
std::string in_parts(const std::string& text) {
  const std::string whole = with_plus_minus(text);
  const std::size_t at = std::min(whole.find(" \u00b1"), whole.find(" *"));
  if (at == std::string::npos) return html_escaped(whole);
  return element("span", whole.substr(0, at), "class=\"n\"") + " " +
         element("span", whole.substr(at + 1), "class=\"n\"");
}

// A label that may be broken behind what joins its words.
std::string label_markup(const std::string& label) {
  std::string markup;
  std::size_t from = 0;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] != '_' && label[i] != '-' && label[i] != '/') continue;
    markup += html_escaped(label.substr(from, i + 1 - from)) + "<wbr>";
    from = i + 1;
  }
  return markup + html_escaped(label.substr(from));
}

std::string body_cell(const TableCell& cell, bool left) {
  std::string markup = "<td";
  if (left) markup += " class=\"l\"";
  if (cell.value) markup += " data-v=\"" + exact(*cell.value) + "\"";
  const std::string shown = in_parts(trimmed(cell.text));
  markup += ">" + (cell.best ? "<b class=\"best\">" + shown + "</b>" : shown);
  if (cell.held_more) markup += "<b class=\"more\"> !</b>";
  return markup + "</td>";
}

std::string option_list(const std::string& id, const std::string& label,
                        const std::vector<std::string>& values) {
  if (values.size() < 2) return "";
  std::string markup = "<label>" + html_escaped(label) + " <select id=\"" + id +
                       "\"><option value=\"\">all</option>";
  for (const std::string& value : values) markup += element("option", value);
  return markup + "</select></label>";
}

std::string filters(const ReportContent& content) {
  std::vector<std::string> contexts;
  std::vector<std::string> amounts;
  std::set<std::int64_t> lengths;
  for (const FigureRow& row : content.rows) lengths.insert(row.group.context_tokens);
  for (const std::int64_t length : lengths) contexts.push_back(std::to_string(length));
  for (const double amount : amounts_of(content.rows, content.report.baseline)) {
    amounts.push_back(amount_text(content.rows, amount));
  }
  return "<div class=\"tools\"><label>filter <input id=\"filter\" type=\"search\" "
         "placeholder=\"method, verdict ...\" autocomplete=\"off\"></label>" +
         option_list("filter-dataset", "dataset", datasets_of(content.rows)) +
         option_list("filter-context", "context", contexts) +
         option_list("filter-sparsity", amount_name(content.rows), amounts) +
         "<output id=\"shown\"></output></div>";
}

std::string verdict_cell(const FigureRow& row, const ComparisonReport& report,
                         const std::string& best) {
  std::string text;
  if (row.group.method == report.baseline) {
    text = "baseline";
  } else if (row.comparison != nullptr) {
    text = with_plus_minus(verdict(*row.comparison, report.margin_of(row.comparison->judge)));
  }
  return "<td class=\"l verdict\">" + html_escaped(text) +
         (best.empty() ? "" : " " + element("b", best, "class=\"best\"")) + "</td>";
}

// Columns that tell settings apart, where there are several.
struct SettingColumns {
  bool dataset = false;
  bool context = false;
};

SettingColumns setting_columns(const std::vector<FigureRow>& rows) {
  const std::size_t datasets = datasets_of(rows).size();
  return {datasets > 1, settings_of(rows).size() > datasets};
}

// Below a label: the group that the config puts it in.
std::string group_markup(const std::map<std::string, std::string>& groups,
                         const std::string& label) {
  const std::string group = group_of(groups, label);
  return group.empty() ? "" : element("small", group, "class=\"group\"");
}

std::string row_markup(const FigureRow& row, const TableCells& cells, const std::string& best,
                       const std::vector<TableColumn>& columns, const SettingColumns& settings,
                       const CampaignLabels& labels, const ReportContent& content) {
  const CellGroup& group = row.group;
  const std::string context = std::to_string(group.context_tokens);
  std::string markup = "<tr data-d=\"" + html_escaped(group.dataset) + "\" data-c=\"" + context +
                       "\" data-s=\"" + group.amount_text() + "\">";
  // The first column of the table's model is the method.
  markup += "<th scope=\"row\" class=\"l " +
            colour_class(style_index(group.method, content.methods)) + "\">" +
            label_markup(cells.front().text) + group_markup(labels.method_groups, group.method) +
            "</th>";
  markup += verdict_cell(row, content.report, best);
  if (settings.dataset) {
    markup += "<td class=\"l dataset\">" + label_markup(group.dataset) +
              group_markup(labels.dataset_groups, group.dataset) + "</td>";
  }
  if (settings.context) markup += element("td", context, "data-v=\"" + context + "\"");
  for (std::size_t c = 1; c < cells.size(); ++c) {
    markup += body_cell(cells[c], columns[c].align == Align::kLeft);
  }
  return markup + "</tr>\n";
}

std::string verdict_note(const ComparisonReport& report) {
  const bool nll = report.judges(Measure::kNll);
  const bool answers = report.judges(Measure::kAnswers);
  const std::string points = margin_text(report.margin_of(Measure::kAnswers), Measure::kAnswers);
  const std::string percent = margin_text(report.margin_of(Measure::kNll));
  return std::string("verdict: ") +
         (!answers ? "of perplexity"
          : nll    ? "of perplexity, and of exact match where there are answers"
                   : "of exact match") +
         ", with the 95 % interval; equivalent: two one-sided tests against a margin of " +
         (!answers ? percent
          : nll    ? percent + ", or " + points
                   : points) +
         ", Holm-adjusted.";
}

std::string notes_list(const std::vector<std::string>& notes) {
  std::string markup = "<ul class=\"notes\">";
  for (const std::string& note : notes) markup += element("li", with_plus_minus(note));
  return markup + "</ul>";
}

}  // namespace

std::string results_section(const ReportContent& content) {
  const ResultsTable table = results_table(content.campaign.results, content.report,
                                           shown_metrics(content.campaign).columns);
  std::vector<const TableCells*> rows;
  for (const TableBlock& block : table.blocks) {
    for (const auto& cells : block.rows) rows.push_back(&cells);
  }
  const MarkedBest marked = count_marked(content.rows, rows);
  const SettingColumns settings = setting_columns(content.rows);
  const CampaignLabels labels = campaign_labels(content.campaign.config);
  std::string markup =
      "<section aria-labelledby=\"results-h\"><h2 id=\"results-h\">Results</h2>" +
      filters(content) +
      "<div class=\"box\" tabindex=\"0\" role=\"region\" aria-labelledby=\"results-h\">"
      "<table id=\"results\"><caption><span>Every method against " +
      html_escaped(content.report.baseline) +
      ". The buttons in the head sort.</span></caption><thead><tr>";
  for (const TableColumn& column : table.columns) {
    markup += head_cell(column.header, column.unit, column.align == Align::kLeft);
    if (&column != &table.columns.front()) continue;
    markup += head_cell("verdict", "against " + content.report.baseline, true);
    if (settings.dataset) markup += head_cell("dataset", "", true);
    if (settings.context) markup += head_cell("context", "", false);
  }
  markup += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < rows.size() && i < content.rows.size(); ++i) {
    const std::string best = best_words(content.rows[i].group, table.columns, *rows[i], marked);
    markup += row_markup(content.rows[i], *rows[i], best, table.columns, settings, labels, content);
  }
  markup += "</tbody></table></div>" + notes_list(table.notes);
  markup += element("p", verdict_note(content.report), "class=\"notes\"");
  return markup + "</section>\n";
}

}  // namespace pressroom
