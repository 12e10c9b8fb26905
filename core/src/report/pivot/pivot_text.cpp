#include <algorithm>
#include <cstddef>

#include "base/utf8.h"
#include "report/comparison/markup_text.h"
#include "report/pivot/pivot_formats.h"
#include "report/pivot/pivot_heads.h"
#include "report/pivot/pivot_notes.h"
#include "report/table/results_table.h"

namespace pressroom {
namespace {

constexpr std::size_t kBlanks = 2;  // blanks between columns

std::string filled(std::size_t count) { return std::string(count, ' '); }

class PlainWriter {
 public:
  explicit PlainWriter(const PivotTable& table) : table_(table), columns_(table.columns.size()) {
    for (std::size_t c = 0; c < columns_.size(); ++c) measure_cells(c);
    for (std::size_t level = table.column_levels.size(); level-- > 0;) measure_heads(level);
    first_ = 0;
    for (const std::string& level : table.column_levels) {
      first_ = std::max(first_, characters_of(level));
    }
    for (const PivotRow& row : table.rows) {
      first_ = std::max(first_, characters_of(printable_line(row_head(table, row))));
    }
  }

  std::string write() {
    line(printable_line(table_.title));
    for (std::size_t level = 0; level < table_.column_levels.size(); ++level) head(level);
    for (std::size_t r = 0; r < table_.rows.size(); ++r) {
      const std::string title = band_title(table_, r);
      if (!title.empty()) line(printable_line(title));
      row(table_.rows[r]);
    }
    return text_ + '\n';
  }

 private:
  struct Column {
    std::size_t width = 0;
    std::size_t number = 0;
    std::size_t half = 0;    // of what follows the number: " +-0.08"
    bool is_marked = false;  // a cell has a mark, which takes two places
  };

  static std::string half_of(const PivotCell& cell) {
    return cell.text.half_width.empty() ? "" : " +-" + cell.text.half_width;
  }

  static const char* mark_of(const PivotCell& cell) {
    return cell.mark == PivotMark::kBest       ? " <"
           : cell.mark == PivotMark::kHeldMore ? " !"
           : cell.partly                       ? " *"
                                               : "";
  }

  void measure_cells(std::size_t c) {
    Column& column = columns_[c];
    for (const PivotRow& row : table_.rows) {
      const PivotCell& cell = row.cells[c];
      column.is_marked = column.is_marked || *mark_of(cell) != '\0';
      column.half = std::max(column.half, half_of(cell).size());
      // Kept fractions have no interval, and may stand where others have theirs.
      if (row.kind != PivotLine::kKept)
        column.number = std::max(column.number, cell.text.number.size());
    }
    column.width = column.number + column.half + (column.is_marked ? 2 : 0);
    for (const PivotRow& row : table_.rows) {
      if (row.kind != PivotLine::kKept) continue;
      column.width = std::max(column.width, row.cells[c].text.number.size());
    }
  }

  std::size_t width_of(const PivotSpan& span) const {
    std::size_t width = kBlanks * (span.columns - 1);
    for (std::size_t c = span.first; c < span.first + span.columns; ++c) width += columns_[c].width;
    return width;
  }

  void measure_heads(std::size_t level) {
    for (const PivotSpan& span : spans_of(table_, level)) {
      const std::size_t needed = characters_of(printable_line(span.text));
      const std::size_t width = width_of(span);
      if (needed > width) columns_[span.first + span.columns - 1].width += needed - width;
    }
  }

  void head(std::size_t level) {
    const bool innermost = level + 1 == table_.column_levels.size();
    std::string text = table_.column_levels[level];
    text += filled(first_ - characters_of(text));
    for (const PivotSpan& span : spans_of(table_, level)) {
      const std::string shown = printable_line(span.text);
      const std::size_t space = width_of(span) - characters_of(shown);
      const std::size_t before = innermost ? space : space / 2;
      text += filled(kBlanks + before) + shown + filled(space - before);
    }
    line(text);
  }

  void row(const PivotRow& row) {
    std::string text = printable_line(row_head(table_, row));
    text += filled(first_ - characters_of(text));
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const PivotCell& cell = row.cells[c];
      std::string shown = cell.text.number;
      if (row.kind != PivotLine::kKept || shown.size() <= columns_[c].number) {
        const std::string half = half_of(cell);
        shown += half + filled(columns_[c].half - half.size());
        const std::string mark = mark_of(cell);
        if (columns_[c].is_marked) shown += mark.empty() ? "  " : mark;
      }
      text += filled(kBlanks + columns_[c].width - shown.size()) + shown;
    }
    line(text);
  }

  void line(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text_ += text + '\n';
  }

  const PivotTable& table_;
  std::vector<Column> columns_;
  std::size_t first_ = 0;  // width of the heads of rows
  std::string text_;
};

}  // namespace

std::string pivot_plain(const PivotTable& table) {
  ResultsTable above;
  above.notes = table.heads;
  ResultsTable below;
  below.notes = table.notes;
  below.failures = table.failures;
  below.findings = table.findings;
  return table_text(above, false) + (table.heads.empty() ? "" : "\n") + PlainWriter(table).write() +
         table_text(below, false);
}

namespace {

std::string markdown_cell(const PivotCell& cell) {
  std::string text = markdown_escaped(cell.text.number);
  if (cell.mark == PivotMark::kBest) text = "**" + text + "**";
  if (!cell.text.half_width.empty()) text += " \u00b1" + cell.text.half_width;
  if (cell.mark == PivotMark::kHeldMore) text += " !";
  if (cell.partly) text += " \\*";
  return text;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string markdown_head(const PivotTable& table) {
  std::string corner;
  for (const std::string& level : table.column_levels) {
    corner += (corner.empty() ? "" : ", ") + level;
  }
  std::vector<std::string> names = {corner};
  std::vector<std::string> rules = {":---"};
  for (const PivotColumn& column : table.columns) {
    std::string name;
    for (const std::string& head : column.heads) {
      if (!head.empty()) name += (name.empty() ? "" : ", ") + markdown_escaped(head);
    }
    names.push_back(name);
    rules.emplace_back("---:");
  }
  return markdown_row(names) + markdown_row(rules);
}

}  // namespace

std::string pivot_markdown(const PivotTable& table) {
  std::string text;
  for (const std::string& head : table.heads) text += "**" + markdown_escaped(head) + "**\n\n";
  text += "**" + markdown_escaped(table.title) + "**\n\n" + markdown_head(table);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const std::string title = band_title(table, r);
    if (!title.empty()) {
      std::vector<std::string> band(table.columns.size() + 1);
      band.front() = "**" + markdown_escaped(title) + "**";
      text += markdown_row(band);
    }
    std::vector<std::string> cells = {markdown_escaped(row_head(table, table.rows[r]))};
    for (const PivotCell& cell : table.rows[r].cells) cells.push_back(markdown_cell(cell));
    text += markdown_row(cells);
  }
  return text + "\n" + markdown_list("", notes_with_bold(table)) +
         markdown_list("failed: ", table.failures) + markdown_list("suspect: ", table.findings);
}

}  // namespace pressroom
