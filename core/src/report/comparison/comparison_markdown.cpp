#include <string>
#include <vector>

#include "report/comparison/comparison_formats.h"

namespace pressroom {
namespace {

// Text that stays text in a cell or a paragraph: no line ends, no markup, no HTML.
std::string markdown_escaped(const std::string& text) {
  std::string result;
  for (const char c : text.substr(0, text.find_last_not_of(' ') + 1)) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += ' ';
    } else {
      if (std::string("\\|*_`[]~#").find(c) != std::string::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

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

std::string list_text(const std::string& what, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "- " + what + markdown_escaped(line) + "\n";
  return text;
}

}  // namespace

std::string comparison_markdown(const ComparisonTables& tables) {
  std::string text;
  for (const std::string& head : tables.heads) text += "**" + markdown_escaped(head) + "**\n\n";
  for (const FamilyTable& family : tables.families) {
    text += "### " + markdown_escaped(family.title) + "\n\n";
    for (const TableBlock& block : family.table.blocks) text += block_text(family.table, block);
  }
  return text + list_text("", tables.notes) + list_text("failed: ", tables.failures) +
         list_text("suspect: ", tables.findings);
}

}  // namespace pressroom
