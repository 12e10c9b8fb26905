#include "report/comparison/comparison_formats.h"

#include <regex>
#include <vector>

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

namespace {

// One character of text as LaTeX sets it; "" for those that need no care.
std::string special(char c) {
  switch (c) {
    case '\\':
      return "\\textbackslash{}";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "$<$";
    case '>':
      return "$>$";
    case '|':
      return "$|$";
    case '"':
      return "\\textquotedbl{}";
    case '[':
    case ']':
      return std::string("{") + c + "}";  // never an optional argument
    case '&':
    case '%':
    case '$':
    case '#':
    case '_':
    case '{':
    case '}':
      return std::string("\\") + c;
    default:
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? " " : "";
  }
}

std::string latex_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const std::string replacement = special(c);
    result += replacement.empty() ? std::string(1, c) : replacement;
  }
  return result;
}

void replace_all(const std::string& from, const std::string& to, std::string& text) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// "3.3e-16" as $3.3\\times 10^{-16}$, "-0.1" as $-$0.1. Labels are left alone: in them such text
// follows a letter.
std::string with_numbers_set(const std::string& text) {
  static const std::regex exponent("(^|[ {}+$-])([0-9.]{1,24})e([+-])0{0,3}([0-9]{1,4})");
  static const std::regex minus("(^|[ }(])-([0-9])");
  std::string result;
  std::size_t done = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), exponent), end; at != end; ++at) {
    const std::smatch& match = *at;
    result += text.substr(done, static_cast<std::size_t>(match.position()) - done);
    result += match.str(1) + "$" + match.str(2) + "\\times 10^{" +
              (match.str(3) == "-" ? "-" : "") + match.str(4) + "}$";
    done = static_cast<std::size_t>(match.position() + match.length());
  }
  return std::regex_replace(result + text.substr(done), minus, "$1$$-$$$2");
}

std::string cell_text(const TableCell& cell) {
  std::string text = latex_escaped(cell.text.substr(0, cell.text.find_last_not_of(' ') + 1));
  replace_all("+-", "$\\pm$", text);
  replace_all("-$>$", "$\\to$", text);
  return with_numbers_set(text);
}

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
      for (const TableCell& cell : row) cells.push_back(cell_text(cell));
      text += line_of(cells);
    }
  }
  return text + "\\bottomrule\n\\end{longtable}\n\\endgroup\n";
}

std::string paragraphs(const std::string& what, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    std::string set = latex_escaped(what + line);
    replace_all("+-", "$\\pm$", set);
    text += "\\par " + set + "\n";
  }
  return text;
}

}  // namespace

std::string comparison_latex(const ComparisonTables& tables) {
  std::string text = "% \\usepackage{booktabs,longtable}\n";
  for (const FamilyTable& family : tables.families) text += environment_of(family, tables.heads);
  return text + "\\begin{flushleft}\n\\footnotesize\n" + paragraphs("", tables.notes) +
         paragraphs("failed: ", tables.failures) + paragraphs("suspect: ", tables.findings) +
         "\\end{flushleft}\n";
}

}  // namespace pressroom
