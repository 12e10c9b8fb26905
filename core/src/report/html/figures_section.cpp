#include <algorithm>
#include <cmath>

#include "base/number_text.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/html/svg_figure.h"
#include "results/metric_names.h"
#include "stats/metric_summary.h"
#include "stats/significance.h"

namespace pressroom {
namespace {

constexpr std::size_t kCrowd = 12;  // series, from which lines step back behind points

std::string legend(const Figure& figure, const std::vector<std::string>& methods) {
  std::string markup = "<ul class=\"legend\" aria-label=\"methods, press to hide\">";
  for (const FigureSeries& series : figure.series) {
    const std::size_t style = style_index(series.name, methods);
    markup += "<li><button type=\"button\" aria-pressed=\"true\" data-name=\"" +
              html_escaped(series.name) + "\" class=\"" + colour_class(style) +
              "\"><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><path class=\"point\" d=\"" +
              symbol_path(style, 7,
                          style % 8 == 2   ? 5.5
                          : style % 8 == 4 ? 8.5
                                           : 7) +
              "\"/></svg>" + html_escaped(series.name) + "</button></li>";
  }
  return markup + "</ul>";
}

// Whether all series have the same x, so that a row can hold a number of each.
bool shares_x(const Figure& figure) {
  if (figure.series.size() < 2 || figure.series.front().points.size() < 12) return false;
  const std::vector<FigurePoint>& first = figure.series.front().points;
  return std::all_of(figure.series.begin(), figure.series.end(), [&first](const FigureSeries& s) {
    return std::equal(first.begin(), first.end(), s.points.begin(), s.points.end(),
                      [](const FigurePoint& a, const FigurePoint& b) { return a.x == b.x; });
  });
}

std::string side_by_side(const Figure& figure) {
  std::string markup = "<thead><tr>" + element("th", figure.x.title, "scope=\"col\"");
  for (const FigureSeries& series : figure.series) {
    markup += element("th", series.name, "scope=\"col\"");
  }
  markup += "</tr></thead><tbody>";
  for (std::size_t i = 0; i < figure.series.front().points.size(); ++i) {
    markup +=
        "<tr>" + element("th", significant(figure.series.front().points[i].x, 6), "scope=\"row\"");
    for (const FigureSeries& series : figure.series) {
      markup += element("td", significant(series.points[i].y, 4));
    }
    markup += "</tr>";
  }
  return markup + "</tbody>";
}

std::string by_point(const Figure& figure) {
  bool intervals = false;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) intervals = intervals || point.y_ci95;
  }
  std::string markup = "<thead><tr><th scope=\"col\" class=\"l\">point</th>" +
                       element("th", figure.x.title, "scope=\"col\"") +
                       element("th", figure.y.title, "scope=\"col\"");
  if (intervals) markup += "<th scope=\"col\">95 % interval</th>";
  markup += "</tr></thead><tbody>";
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      markup += "<tr>" +
                element("th", point.label + (point.pareto ? " (Pareto)" : ""),
                        "scope=\"row\" class=\"l\"") +
                element("td", significant(point.x, 5)) + element("td", significant(point.y, 5));
      if (intervals) {
        markup += element("td", point.y_ci95 ? significant(point.y_ci95->low, 5) + " to " +
                                                   significant(point.y_ci95->high, 5)
                                             : "");
      }
      markup += "</tr>";
    }
  }
  return markup + "</tbody>";
}

std::string figure_markup(const Figure& figure, const ReportContent& content) {
  const std::string data = shares_x(figure) ? side_by_side(figure) : by_point(figure);
  const char* kind = figure.series.size() > kCrowd ? " class=\"crowded\"" : "";
  return "<figure id=\"" + html_escaped(figure.id) + "\"" + kind + "><h3>" +
         html_escaped(figure.title) + "</h3>" + svg_figure(figure, content.methods) +
         "<p class=\"tip\" role=\"status\"></p>" + legend(figure, content.methods) +
         element("figcaption", figure.caption + beyond_note(figure)) +
         "<details><summary>The numbers</summary><div class=\"box\" tabindex=\"0\"><table>" +
         element("caption", figure.title) + data + "</table></div></details></figure>\n";
}

const FigureRow* row_at(const std::vector<FigureRow>& rows, const Setting& setting,
                        const std::string& method, double amount) {
  for (const FigureRow& row : rows) {
    if (setting.holds(row) && row.group.method == method && row.group.amount() == amount) {
      return &row;
    }
  }
  return nullptr;
}

// "7.1 -92.9 points ***": exact match in percent, its paired change from the baseline, stars.
std::string match_markup(const FigureRow& row, double share) {
  std::string markup = "<td>" + fixed(100 * share, 1);
  const Comparison* comparison = row.comparison;
  if (comparison != nullptr && comparison->test.n > 0) {
    const double points = 100 * comparison->told();
    markup += " <small>" + std::string(points > 0 ? "+" : "") + fixed(points, 1) + " points" +
              (comparison->p_holm ? std::string(" ") + stars(comparison->p_holm) : "") + "</small>";
  }
  return markup + "</td>";
}

// "13.87 +4.1 % ***": the perplexity, its paired change from the baseline, stars. Where answers are
// judged by, their share instead.
std::string quality_cell(const FigureRow* row) {
  if (row == nullptr) return "<td></td>";
  if (row->comparison != nullptr && row->comparison->judge == Measure::kAnswers) {
    const std::optional<double> share = exact_match(row->group);
    return share ? match_markup(*row, *share) : "<td>-</td>";
  }
  const std::optional<double> perplexity = row->number(metric_names::kPerplexity);
  if (!perplexity) return "<td>-</td>";
  std::string markup = "<td>" + significant(*perplexity, 4);
  const Comparison* comparison = row->comparison;
  if (comparison != nullptr && comparison->test.n > 0 && std::isfinite(comparison->test.mean)) {
    const double change = 100 * std::expm1(comparison->test.mean);
    markup += " <small>" + std::string(change > 0 ? "+" : "") + significant(change, 2) + " %" +
              (comparison->p_holm ? std::string(" ") + stars(comparison->p_holm) : "") + "</small>";
  }
  return markup + "</td>";
}

std::string summary_table(const Setting& setting, const ReportContent& content) {
  const std::vector<double> amounts = amounts_of(content.rows, content.report.baseline);
  std::string markup = "<div class=\"box\" tabindex=\"0\"><table>" +
                       element("caption", setting.text()) +
                       "<thead><tr><th scope=\"col\" class=\"l\">method</th>";
  for (const double amount : amounts) {
    markup += element("th", amount_name(content.rows) + " " + amount_text(content.rows, amount),
                      "scope=\"col\"");
  }
  markup += "</tr></thead><tbody>";
  for (const std::string& method : content.methods) {
    if (method == content.report.baseline) continue;
    markup += "<tr>" + element("th", method, "scope=\"row\" class=\"l\"");
    for (const double amount : amounts) {
      markup += quality_cell(row_at(content.rows, setting, method, amount));
    }
    markup += "</tr>";
  }
  return markup + "</tbody></table></div>";
}

}  // namespace

std::string figures_section(const ReportContent& content) {
  if (content.figures.empty()) return "";
  std::string markup =
      "<section aria-labelledby=\"figures-h\"><h2 id=\"figures-h\">Figures</h2>"
      "<p class=\"notes\">Move over a figure, or focus it and use the arrow keys, to read its "
      "points; press a name below it to hide a method.</p><div class=\"figures\">\n";
  for (const Figure& figure : content.figures) markup += figure_markup(figure, content);
  return markup + "</div></section>\n";
}

std::string method_summary_section(const ReportContent& content) {
  if (amounts_of(content.rows, content.report.baseline).empty()) return "";
  std::string markup =
      "<section aria-labelledby=\"methods-h\"><h2 id=\"methods-h\">Methods by " +
      amount_name(content.rows) + "</h2>" +
      element("p",
              "Perplexity, its change from " + content.report.baseline +
                  " (paired over documents) and the stars of the adjusted p. Change and stars are "
                  "of the document-weighted mean, the perplexity is token-weighted." +
                  (content.report.judges(Measure::kAnswers)
                       ? std::string(" Of datasets with answers: exact match in percent.")
                       : std::string()),
              "class=\"notes\"");
  for (const Setting& setting : settings_of(content.rows)) {
    markup += summary_table(setting, content);
  }
  return markup + "</section>\n";
}

}  // namespace pressroom
