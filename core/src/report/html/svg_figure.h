// A figure as an inline SVG drawing of a page.
//
//   const std::string svg = svg_figure(figure, {"dense", "h2o", "knorm"});
//
// Axes with round marks, a symbol a point with its 95 % interval, lines where points are joined,
// the Pareto front and the reference dashed. The second argument fixes the looks: a series has the
// colour and the symbol of its place in that list, so that a method looks the same in every figure.
// Colours come from figure_style.h by the style sheet (classes c0 .. c7: they follow dark and
// light); no two of the first 56 series have both the same colour and the same symbol.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/figures/figure.h"

namespace pressroom {

// From numbers to places of a drawing.
//
//   const PlotArea area = plot_area(figure);
//   area.x.place(0.1);   // units from the left of the drawing
struct Scale {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  double start = 0;  // the place of `low`
  double end = 1;    // the place of `high`

  bool can_show(double value) const;  // finite, and above zero where it must be
  double place(double value) const;
  std::vector<Tick> ticks(int most) const;
};

struct PlotArea {
  double width = 440;
  double height = 300;
  double left = 58;
  double right = 428;
  double top = 10;
  double bottom = 250;
  Scale x;
  Scale y;
  bool empty = false;  // there is no point to show

  bool can_show(const FigurePoint& point) const;
};

// Wide enough for every point that can be shown and for the reference, with a margin; intervals
// widen the y axis by at most the range of the points itself, and are cut off there. Points beyond
// Figure::y_limit widen nothing.
PlotArea plot_area(const Figure& figure);

// A place to a tenth of a unit: "58", "120.3".
std::string place_text(double place);

// The drawing, 440 x 300 units, role="img" with title and description. Each point carries its label
// and numbers as <title>. Points without finite coordinates, or not above zero on a logarithmic
// axis, are left out; a figure without any says so. Points beyond the limit stand at the edge, with
// an arrow; lines to them are cut off there.
std::string svg_figure(const Figure& figure, const std::vector<std::string>& names);

// The place of `name` in `names`; the number of names for one that is not there.
std::size_t style_index(const std::string& name, const std::vector<std::string>& names);

// "c3": the class of the colour.
std::string colour_class(std::size_t style);

// The symbol of a style around (x, y), as data of a path.
std::string symbol_path(std::size_t style, double x, double y);

}  // namespace pressroom
