// How figures look: colours, symbols, lines and type of the page and of the exported files. This is
// the one place: change it, build, and every figure of both changes (docs/report.md).
//
// A series has the colour and the symbol of its method's place in the campaign, the baseline first;
// seven colours beside eight symbols make 56 looks.
#pragma once

#include <cstddef>
#include <string>

namespace pressroom::figure_style {

// Of the light page and of files, and of the dark page.
struct Colour {
  const char* light;
  const char* dark;
};

// The palette of Okabe and Ito (2008), safe for colour-blind readers; what is pale in it is darker
// on white.
inline constexpr Colour kSeries[] = {
    {"#0072b2", "#4aa8e0"}, {"#d55e00", "#f0833a"}, {"#009e73", "#2fc79c"}, {"#b5568f", "#dd9fc2"},
    {"#c98500", "#e9ab2c"}, {"#2f8fc4", "#8fd0f5"}, {"#857c00", "#e6dc4a"}};
inline constexpr std::size_t kSeriesColours = sizeof(kSeries) / sizeof(kSeries[0]);

// The first series, the front, the reference and all text; and the grid.
inline constexpr Colour kInk = {"#1b1f24", "#e8eaed"};
inline constexpr Colour kGrid = {"#d5d9df", "#3a424b"};

// From the place of a point: a path of SVG, and gnuplot's number of the shape that is the same, or
// the nearest that no other symbol has.
struct Symbol {
  const char* path;
  int gnuplot;
};
inline constexpr Symbol kSymbols[] = {
    {"m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z", 7},               // circle
    {"m-4-4h8v8h-8z", 5},                                              // square
    {"m0-5l5 8.6h-10z", 9},                                            // triangle
    {"m0-5.6l5 5.6l-5 5.6l-5-5.6z", 13},                               // diamond
    {"m0 5l5-8.6h-10z", 11},                                           // triangle down
    {"m-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z", 1},  // plus
    {"m-4.5-5h9l-9 10h9z", 2},                                         // hourglass; cross
    {"m-5.5-2h11v4h-11z", 15}};                                        // bar; pentagon
inline constexpr std::size_t kSymbolCount = sizeof(kSymbols) / sizeof(kSymbols[0]);

// Widths in pixels of the page, whose drawings are 440 wide; `dash` as in SVG, "" for an unbroken
// line.
struct Line {
  double width;
  const char* dash;
};
inline constexpr Line kJoined = {1.6, ""};      // points of one series
inline constexpr Line kInterval = {1.3, ""};    // 95 %
inline constexpr Line kFront = {1.4, "1.5 4"};  // Pareto
inline constexpr Line kReference = {1.1, "7 4"};
inline constexpr Line kGridLine = {0.7, ""};
inline constexpr Line kArrow = {1.6, ""};  // to a point beyond the axis

// A column of a paper, 8.6 cm wide.
struct File {
  const char* font;
  int size;            // of the type, in the format's own unit
  double line_width;   // of a line that is kJoined.width on the page
  double point_scale;  // of symbols; 0: the format knows none
};
inline constexpr File kSvgFile = {"Helvetica", 12, 1, 0};
inline constexpr File kPdfFile = {"Helvetica", 7, 0.7, 0.6};
inline constexpr File kPngFile = {"Helvetica", 24, 2, 2};
inline constexpr int kPageType = 12;  // px; the font is the page's

}  // namespace pressroom::figure_style

namespace pressroom {

// Light and dark colours as variables, and the rules of the page's drawings that follow from the
// style: classes c0 (ink), c1 .. c7, line, bar, front, reference, grid, arrow.
std::string figure_css();

// The colour of a series by the place of its name, as files have it: "#0072b2".
const char* file_colour(std::size_t place);
// Its symbol, of either kind.
const figure_style::Symbol& symbol_at(std::size_t place);

// gnuplot's words for a line: "lw 0.69 dt (7,4)".
std::string gnuplot_line(const figure_style::Line& line);

}  // namespace pressroom
