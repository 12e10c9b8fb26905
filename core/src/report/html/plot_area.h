// From numbers to places of a drawing.
//
//   const PlotArea area = plot_area(figure);
//   area.x.place(0.1);   // units from the left of the drawing
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/figures/axis_ticks.h"
#include "report/figures/figure.h"

namespace pressroom {

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
// widen the y axis by at most the range of the points itself, and are cut off there.
PlotArea plot_area(const Figure& figure);

// A place to a tenth of a unit: "58", "120.3".
std::string place_text(double place);

}  // namespace pressroom
