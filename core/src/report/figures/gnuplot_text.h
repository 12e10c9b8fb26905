// Text of a campaign made safe for gnuplot and for what gnuplot writes.
//
//   "set title " + gnuplot_string(one_line(title)) + "\n"
#pragma once

#include <cstddef>
#include <string>

namespace pressroom {

// As printable_line() has it (base/terminal_text.h). A blank parts "]]>", which no SVG may hold,
// and "&#", which gnuplot takes for a character's number.
std::string one_line(const std::string& text);

// The first `most` characters of UTF-8 text, the last of them "...", where it has more.
std::string shortened(const std::string& text, std::size_t most);

// A string literal of gnuplot, quotes included. Nothing in it is a command, a macro or an escape.
std::string gnuplot_string(const std::string& line);

}  // namespace pressroom
