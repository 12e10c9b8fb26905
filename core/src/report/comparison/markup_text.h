// Text of campaigns within the markup of a table: labels and messages are shown, whatever they
// hold.
//
//   "| " + markdown_escaped("a|b") + " |"      ->  | a\|b |
//   latex_escaped("h2o_0.9")                   ->  h2o\_0.9
//   latex_cell("+0.1 +-0.02")                  ->  +0.1 $\pm$0.02
#pragma once

#include <string>
#include <vector>

namespace pressroom {

// Text that stays text in a cell or a paragraph: no line ends, no markup, no HTML. Without trailing
// blanks.
std::string markdown_escaped(const std::string& text);

// A list with an item a line, each beginning with `what`.
std::string markdown_list(const std::string& what, const std::vector<std::string>& lines);

// Text as LaTeX sets it, on one line.
std::string latex_escaped(const std::string& text);

// The same for a cell: "+-", "->", minus signs and powers of ten as mathematics.
std::string latex_cell(const std::string& text);

// A paragraph a line, each beginning with `what`.
std::string latex_paragraphs(const std::string& what, const std::vector<std::string>& lines);

}  // namespace pressroom
