#include <algorithm>

#include "base/utf8.h"
#include "report/table/results_table.h"

namespace pressroom {
namespace {

constexpr char kBold[] = "\x1b[1m";
constexpr char kPlain[] = "\x1b[0m";
constexpr char kGap[] = "  ";

class TextWriter {
 public:
  TextWriter(const ResultsTable& table, bool colour) : table_(table), colour_(colour) {
    for (const TableColumn& column : table.columns) {
      widths_.push_back(std::max(characters_of(column.header), characters_of(column.unit)));
      marked_.push_back(false);
    }
    for (const TableBlock& block : table.blocks) {
      for (const auto& row : block.rows) measure(row);
    }
    for (std::size_t c = 0; c < widths_.size(); ++c) {
      if (marked_[c]) widths_[c] += 2;
    }
  }

  std::string write() {
    for (const TableBlock& block : table_.blocks) {
      line(printable_line(block.title));
      header();
      for (const auto& row : block.rows) write_row(row);
      line("");
    }
    for (const std::string& note : table_.notes) line(printable(note));
    list("failed", table_.failures);
    list("suspect", table_.findings);
    return std::move(text_);
  }

 private:
  void measure(const std::vector<TableCell>& row) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      widths_[c] = std::max(widths_[c], characters_of(printable_line(row[c].text)));
      marked_[c] = marked_[c] || row[c].held_more || (row[c].best && !colour_);
    }
  }

  void header() {
    const bool units = std::any_of(table_.columns.begin(), table_.columns.end(),
                                   [](const TableColumn& column) { return !column.unit.empty(); });
    for (const auto part : {&TableColumn::header, &TableColumn::unit}) {
      if (part == &TableColumn::unit && !units) break;
      std::string row;
      for (std::size_t c = 0; c < table_.columns.size(); ++c) {
        put(c, table_.columns[c].*part, marked_[c] ? "  " : "", false, row);
      }
      line(row);
    }
  }

  void write_row(const std::vector<TableCell>& cells) {
    std::string row;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const char* mark = cells[c].held_more ? " !" : cells[c].best && !colour_ ? " <" : "  ";
      put(c, printable_line(cells[c].text), marked_[c] ? mark : "", cells[c].best && colour_, row);
    }
    line(row);
  }

  void put(std::size_t column, const std::string& text, const char* mark, bool bold,
           std::string& row) const {
    const std::string content = text + mark;
    const std::string padding(widths_[column] - characters_of(content), ' ');
    const bool right = table_.columns[column].align == Align::kRight;
    if (column > 0) row += kGap;
    if (right) row += padding;
    row += bold ? kBold + content + kPlain : content;
    if (!right) row += padding;
  }

  void list(const std::string& what, const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
      std::string text = what + ": ";
      for (const char c : printable(entry)) {
        text += c;
        if (c == '\n') text += "  ";
      }
      line(text);
    }
  }

  void line(std::string row) {
    row.erase(row.find_last_not_of(' ') + 1);
    text_ += row + '\n';
  }

  const ResultsTable& table_;
  const bool colour_;
  std::vector<std::size_t> widths_;
  std::vector<bool> marked_;  // the column has a "<" or a "!" somewhere
  std::string text_;
};

}  // namespace

std::string table_text(const ResultsTable& table, bool colour) {
  return TextWriter(table, colour).write();
}

}  // namespace pressroom
