#include <algorithm>
#include <cstddef>

#include "base/number_text.h"
#include "base/utf8.h"
#include "report/comparison/markup_text.h"
#include "report/pivot/pivot_formats.h"
#include "report/pivot/pivot_heads.h"
#include "report/pivot/pivot_notes.h"

namespace pressroom {
namespace {

constexpr double kColumn = 240;      // pt: a column of a paper in two
constexpr double kPage = 500;        // both of them
constexpr double kCharacter = 0.52;  // width of one over the size of the type, on average
constexpr double kSmaller = 0.7;     // size of intervals over that of numbers
constexpr double kBetween = 6;       // pt between columns: twice \tabcolsep

struct Type {
  const char* name;
  double points;
};
constexpr Type kTypes[] = {{"\\footnotesize", 8}, {"\\scriptsize", 7}};

// How a table is set so that it fits.
struct TypeSetting {
  Type type = kTypes[1];
  bool both_columns = false;
  bool scaled = false;
};

double characters_in(const PivotCell& cell) {
  const double half =
      cell.text.half_width.empty() ? 0 : static_cast<double>(cell.text.half_width.size()) + 1.5;
  return static_cast<double>(cell.text.number.size()) + kSmaller * half +
         (cell.mark == PivotMark::kHeldMore || cell.partly ? 1 : 0);
}

// The widths of heads and columns together, in characters.
double characters_across(const PivotTable& table) {
  double heads = 0;
  for (const std::string& level : table.column_levels) {
    heads = std::max(heads, static_cast<double>(characters_of(level)));
  }
  for (const PivotRow& row : table.rows) {
    heads = std::max(heads, static_cast<double>(characters_of(row_head(table, row))));
  }
  std::vector<double> widths(table.columns.size());
  for (std::size_t c = 0; c < widths.size(); ++c) {
    for (const PivotRow& row : table.rows) {
      widths[c] = std::max(widths[c], characters_in(row.cells[c]));
    }
  }
  for (std::size_t level = table.column_levels.size(); level-- > 0;) {
    for (const PivotSpan& span : spans_of(table, level)) {
      double width = 0;
      for (std::size_t k = 0; k < span.columns; ++k) width += widths[span.first + k];
      const double more = static_cast<double>(characters_of(span.text)) - width;
      if (more > 0) widths[span.first + span.columns - 1] += more;
    }
  }
  for (const double width : widths) heads += width;
  return heads;
}

TypeSetting type_setting_of(const PivotTable& table) {
  const double characters = characters_across(table);
  const double gaps = kBetween * static_cast<double>(table.columns.size());
  TypeSetting setting;
  for (const double space : {kColumn, kPage}) {
    setting.both_columns = space > kColumn;
    for (const Type& type : kTypes) {
      setting.type = type;
      if (kCharacter * type.points * characters + gaps <= space) return setting;
    }
  }
  setting.scaled = true;
  return setting;
}

std::string latex_number(const PivotCell& cell, PivotLine kind) {
  std::string text = latex_cell(cell.text.number);
  if (kind == PivotLine::kKept) {
    const std::size_t dash = text.find('-');
    if (dash != std::string::npos) text.insert(dash, 1, '-');
  }
  if (cell.mark == PivotMark::kBest) text = "\\textbf{" + text + "}";
  if (!cell.text.half_width.empty()) {
    text += "{\\tiny$\\pm$" + latex_cell(cell.text.half_width) + "}";
  }
  if (cell.mark == PivotMark::kHeldMore) text += "$^{!}$";
  if (cell.partly) text += "$^{*}$";
  return text;
}

std::string multicolumn(std::size_t columns, const char* align, const std::string& text) {
  return "\\multicolumn{" + std::to_string(columns) + "}{" + align + "}{" + text + "}";
}

// A line a level; rules under what spans several columns.
std::string latex_heads(const PivotTable& table) {
  std::string text;
  for (std::size_t level = 0; level < table.column_levels.size(); ++level) {
    const bool innermost = level + 1 == table.column_levels.size();
    std::string rules;
    text += latex_escaped(table.column_levels[level]);
    for (const PivotSpan& span : spans_of(table, level)) {
      const std::string name = latex_escaped(span.text);
      text += " & " + (innermost ? name : multicolumn(span.columns, "c", name));
      if (innermost || span.text.empty()) continue;
      // The first column of the table has the heads of rows.
      rules += "\\cmidrule(lr){" + std::to_string(span.first + 2) + "-" +
               std::to_string(span.first + span.columns + 1) + "}";
    }
    text += " \\\\\n" + (rules.empty() ? "" : rules + "\n");
  }
  return text;
}

std::string latex_rows(const PivotTable& table) {
  std::string text;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const PivotRow& row = table.rows[r];
    if (begins_part(table, r)) text += "\\midrule\n";
    const std::string title = band_title(table, r);
    if (!title.empty()) {
      text += multicolumn(table.columns.size() + 1, "@{}l@{}",
                          "\\textit{" + latex_escaped(title) + "}") +
              " \\\\\n";
    }
    text += latex_escaped(row_head(table, row));
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const PivotLine kind = row.kind == PivotLine::kMethod ? table.columns[c].kind : row.kind;
      text += " & " + latex_number(row.cells[c], kind);
    }
    text += " \\\\\n";
  }
  return text;
}

}  // namespace

std::string pivot_latex(const PivotTable& table) {
  const TypeSetting setting = type_setting_of(table);
  const std::string environment = setting.both_columns ? "table*" : "table";
  std::string caption = latex_escaped(table.title) + ".";
  for (const std::string& head : table.heads) caption += " " + latex_escaped(head);
  std::string text = std::string("% \\usepackage{booktabs") + (setting.scaled ? ",graphicx" : "") +
                     "}\n\\begin{" + environment + "}\n\\centering\n\\caption{" + caption + "}\n" +
                     setting.type.name + "\n\\setlength{\\tabcolsep}{3pt}\n";
  if (setting.scaled) text += "\\resizebox{\\textwidth}{!}{%\n";
  text += "\\begin{tabular}{@{}l" + std::string(table.columns.size(), 'r') + "@{}}\n\\toprule\n" +
          latex_heads(table) + "\\midrule\n" + latex_rows(table) + "\\bottomrule\n\\end{tabular}" +
          (setting.scaled ? "}" : "") + "\n";
  return text + "\\begin{flushleft}\n\\scriptsize\n" +
         latex_paragraphs("", notes_with_bold(table)) +
         latex_paragraphs("failed: ", table.failures) +
         latex_paragraphs("suspect: ", table.findings) + "\\end{flushleft}\n\\end{" + environment +
         "}\n";
}

}  // namespace pressroom
