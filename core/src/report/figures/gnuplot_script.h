// The script that draws a figure from the table beside it (figure_csv() of draw_figures.h).
//
//   write(folder / "ppl.csv", figure_csv(figure));
//   write(folder / "ppl.gp", gnuplot_script(figure, {"dense", "h2o"}));
//   $ gnuplot ppl.gp                        draws ppl.svg
//   $ gnuplot -e 'format="pdf"' ppl.gp      draws ppl.pdf
//
// It is for people too: who wants another look changes it. Titles and labels come from campaigns:
// whatever is in them, gnuplot takes them as text and runs nothing of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/figures/figure.h"

namespace pressroom {

// Text of a campaign made safe for gnuplot and for what gnuplot writes.
//
//   "set title " + gnuplot_string(one_line(title)) + "\n"
//
// As printable_line() has it (base/utf8.h). A blank parts "]]>", which no SVG may hold, and "&#",
// which gnuplot takes for a character's number.
std::string one_line(const std::string& text);

// The first `most` characters of UTF-8 text, the last of them "...", where it has more.
std::string shortened(const std::string& text, std::size_t most);

// A string literal of gnuplot, quotes included. Nothing in it is a command, a macro or an escape.
std::string gnuplot_string(const std::string& line);

// Whether there is a point that can be drawn: finite, and above zero on a logarithmic axis.
bool can_be_drawn(const Figure& figure);

// Reads <id>.csv in the folder it is run in, each series by the numbers of its rows. The variables
// `format` (svg, pdf, png; svg) and `out` (<id>.<format>) may be set before. 8.6 cm wide, a column
// of a paper. Colours, symbols and lines are those of figure_style.h, by the place of a series'
// name in `names`: a method looks the same in every figure and on the page.
// Needs can_be_drawn(figure).
std::string gnuplot_script(const Figure& figure, const std::vector<std::string>& names);

}  // namespace pressroom
