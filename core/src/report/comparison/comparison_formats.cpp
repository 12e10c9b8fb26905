#include "report/comparison/comparison_formats.h"

#include <vector>

#include "report/comparison/markup_text.h"

namespace pressroom {

std::string comparison_text(const ComparisonTables& tables) {
  ResultsTable heads;
  heads.notes = tables.heads;
  std::string text = table_text(heads, false);
  if (!tables.heads.empty()) text += '\n';
  for (const FamilyTable& family : tables.families) {
    ResultsTable table = family.table;
    for (TableBlock& block : table.blocks) block.title = family.title + ": " + block.title;
    text += table_text(table, false);
  }
  ResultsTable below;
  below.notes = tables.notes;
  below.failures = tables.failures;
  below.findings = tables.findings;
  return text + table_text(below, false);
}

namespace {

std::string row_text(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string header_text(const std::vector<TableColumn>& columns) {
  std::vector<std::string> names;
  std::vector<std::string> rules;
  for (const TableColumn& column : columns) {
    names.push_back(
        markdown_escaped(column.header + (column.unit.empty() ? "" : " (" + column.unit + ")")));
    rules.emplace_back(column.align == Align::kLeft ? ":---" : "---:");
  }
  return row_text(names) + row_text(rules);
}

std::string block_text(const ResultsTable& table, const TableBlock& block) {
  std::string text = "**" + markdown_escaped(block.title) + "**\n\n" + header_text(table.columns);
  for (const std::vector<TableCell>& row : block.rows) {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const TableCell& cell : row) cells.push_back(markdown_escaped(cell.text));
    text += row_text(cells);
  }
  return text + "\n";
}

}  // namespace

std::string comparison_markdown(const ComparisonTables& tables) {
  std::string text;
  for (const std::string& head : tables.heads) text += "**" + markdown_escaped(head) + "**\n\n";
  for (const FamilyTable& family : tables.families) {
    text += "### " + markdown_escaped(family.title) + "\n\n";
    for (const TableBlock& block : family.table.blocks) text += block_text(family.table, block);
  }
  return text + markdown_list("", tables.notes) + markdown_list("failed: ", tables.failures) +
         markdown_list("suspect: ", tables.findings);
}

namespace {

std::string line_of(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells) text += (&cell == &cells.front() ? "" : " & ") + cell;
  return text + " \\\\\n";
}

std::string header_of(const ResultsTable& table) {
  std::vector<std::string> names;
  std::vector<std::string> units;
  for (const TableColumn& column : table.columns) {
    names.push_back(latex_escaped(column.header));
    if (column.header == "d_z") names.back() = "$d_z$";
    if (column.header[0] == 'p' && column.header != "ppl") names.back().replace(0, 1, "$p$");
    units.push_back(latex_escaped(column.unit));
  }
  return line_of(names) + line_of(units);
}

std::string environment_of(const FamilyTable& family, const std::vector<std::string>& heads) {
  std::string alignment;
  for (const TableColumn& column : family.table.columns) {
    alignment += column.align == Align::kLeft ? 'l' : 'r';
  }
  const std::string header = "\\toprule\n" + header_of(family.table);
  std::string text = "\\begingroup\n\\scriptsize\n\\setlength{\\tabcolsep}{3pt}\n";
  text += "\\begin{longtable}{" + alignment + "}\n\\caption{" +
          latex_escaped(family.of + ": " + family.title) + ".";
  for (const std::string& head : heads) text += " " + latex_escaped(head);
  text += "}\\\\\n" + header + "\\endfirsthead\n" + header + "\\midrule\n\\endhead\n";
  for (const TableBlock& block : family.table.blocks) {
    text += "\\midrule\n\\multicolumn{" + std::to_string(alignment.size()) + "}{l}{\\textit{" +
            latex_escaped(block.title) + "}} \\\\\n";
    for (const std::vector<TableCell>& row : block.rows) {
      std::vector<std::string> cells;
      cells.reserve(row.size());
      for (const TableCell& cell : row) cells.push_back(latex_cell(cell.text));
      text += line_of(cells);
    }
  }
  return text + "\\bottomrule\n\\end{longtable}\n\\endgroup\n";
}

}  // namespace

std::string comparison_latex(const ComparisonTables& tables) {
  std::string text = "% \\usepackage{booktabs,longtable}\n";
  for (const FamilyTable& family : tables.families) text += environment_of(family, tables.heads);
  return text + "\\begin{flushleft}\n\\footnotesize\n" + latex_paragraphs("", tables.notes) +
         latex_paragraphs("failed: ", tables.failures) +
         latex_paragraphs("suspect: ", tables.findings) + "\\end{flushleft}\n";
}

}  // namespace pressroom
