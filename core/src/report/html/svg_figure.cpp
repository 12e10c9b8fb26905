#include "report/html/svg_figure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/number_text.h"
#include "base/utf8.h"
#include "report/figures/figure_style.h"
#include "report/html/html_text.h"

namespace pressroom {
namespace {

constexpr double kMargin = 0.05;  // of the range, on either side

// The range of what is shown, in the units of the axis: logarithms where it is logarithmic.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void cover(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

double measure(const Scale& scale, double value) {
  return scale.logarithmic ? std::log(value) : value;
}

void set_limits(Scale& scale, Range range) {
  if (!(range.low < range.high)) {
    const double half = scale.logarithmic ? 0.7 : std::max(std::abs(range.low) * 0.1, 1e-6);
    range = {range.low - half, range.high + half};
  }
  const double margin = kMargin * (range.high - range.low);
  range = {range.low - margin, range.high + margin};
  scale.low = scale.logarithmic ? std::exp(range.low) : range.low;
  scale.high = scale.logarithmic ? std::exp(range.high) : range.high;
}

// The y range with the intervals, each way by no more than the points' own range.
Range with_intervals(const Figure& figure, const PlotArea& area, const Range& points) {
  const double reach = points.high - points.low;
  Range range = points;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!point.y_ci95 || !area.can_show(point) || is_beyond(figure, point)) continue;
      for (const double end : {point.y_ci95->low, point.y_ci95->high}) {
        if (!area.y.can_show(end)) continue;
        const double value = measure(area.y, end);
        // One very wide interval would press the points of all others onto a line.
        range.cover(reach > 0 ? std::clamp(value, points.low - reach, points.high + reach) : value);
      }
    }
  }
  return range;
}

// Widens `range`, of `points` with their intervals, beside the limit. An interval that would make
// the axis reach a point beyond it ends at the edge.
void make_room_for_arrows(const Figure& figure, const Scale& scale, const Range& points,
                          Range& range) {
  const double sign = figure.y.better == Better::kHigher ? -1 : 1;  // the limit is above, or below
  double& end = sign > 0 ? range.high : range.low;
  const double start = sign > 0 ? range.low : range.high;
  const double worst = sign > 0 ? points.high : points.low;
  const std::optional<double> beyond = nearest_beyond(figure);
  if (beyond && scale.can_show(*beyond)) {
    // What the room and the margin add to the length.
    const double grown = kArrowRoom + kMargin * (1 + kArrowRoom);
    const double last = (measure(scale, *beyond) + grown * start) / (1 + grown);
    if (sign * (end - last) > 0) end = sign * std::max(sign * last, sign * worst);
  }
  end += kArrowRoom * (end - start);
}

}  // namespace

bool Scale::can_show(double value) const {
  return std::isfinite(value) && (!logarithmic || value > 0);
}

double Scale::place(double value) const {
  const double from = measure(*this, low);
  const double share = (measure(*this, value) - from) / (measure(*this, high) - from);
  return start + share * (end - start);
}

std::vector<Tick> Scale::ticks(int most) const {
  return logarithmic ? log_ticks(low, high, most) : linear_ticks(low, high, most);
}

bool PlotArea::can_show(const FigurePoint& point) const {
  return x.can_show(point.x) && y.can_show(point.y);
}

PlotArea plot_area(const Figure& figure) {
  PlotArea area;
  area.x.logarithmic = figure.x.logarithmic;
  area.y.logarithmic = figure.y.logarithmic;
  Range x;
  Range y;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!area.can_show(point)) continue;
      x.cover(measure(area.x, point.x));
      if (!is_beyond(figure, point)) y.cover(measure(area.y, point.y));
    }
  }
  area.empty = x.low > x.high;
  if (area.empty) return area;
  if (figure.y_reference && area.y.can_show(*figure.y_reference)) {
    y.cover(measure(area.y, *figure.y_reference));
  }
  set_limits(area.x, x);
  Range y_range = with_intervals(figure, area, y);
  if (figure.y_limit) make_room_for_arrows(figure, area.y, y, y_range);
  set_limits(area.y, y_range);
  area.x.start = area.left;
  area.x.end = area.right;
  area.y.start = area.bottom;
  area.y.end = area.top;
  return area;
}

std::string place_text(double place) {
  const double rounded = std::round(place * 10) / 10 + 0.0;
  return exact(rounded);
}

namespace {

std::string at(double x, double y) { return place_text(x) + " " + place_text(y); }

std::string text_at(double x, double y, const std::string& text, const std::string& attributes) {
  return "<text x=\"" + place_text(x) + "\" y=\"" + place_text(y) + "\"" + attributes + ">" +
         html_escaped(text) + "</text>";
}

std::string axis_title(const FigureAxis& axis) {
  if (axis.better == Better::kLower) return axis.title + " - lower is better";
  if (axis.better == Better::kHigher) return axis.title + " - higher is better";
  return axis.title;
}

// Attributes by which a text that is longer than `length` is set in it.
std::string squeezed(const std::string& text, double length) {
  constexpr double kCharacter = 6.2;  // units that one takes, on average
  if (kCharacter * static_cast<double>(characters_of(text)) <= length) return "";
  return " textLength=\"" + place_text(length) + "\" lengthAdjust=\"spacingAndGlyphs\"";
}

std::string axes(const Figure& figure, const PlotArea& area) {
  std::string grid;
  std::string labels;
  const FigureAxis& x_axis = figure.x;
  for (const Tick& tick :
       x_axis.marks.empty() ? area.x.ticks(6)
                            : ticks_at(x_axis.marks, area.x.low, area.x.high, x_axis.logarithmic)) {
    const double x = area.x.place(tick.value);
    grid += "M" + at(x, area.top) + "V" + place_text(area.bottom);
    labels += text_at(x, area.bottom + 16, tick.label, " text-anchor=\"middle\"");
  }
  for (const Tick& tick : area.y.ticks(6)) {
    const double y = area.y.place(tick.value);
    grid += "M" + at(area.left, y) + "H" + place_text(area.right);
    labels += text_at(area.left - 6, y + 4, tick.label, " text-anchor=\"end\"");
  }
  const double middle = (area.left + area.right) / 2;
  labels += text_at(middle, area.bottom + 38, axis_title(figure.x), " text-anchor=\"middle\"");
  const double centre = (area.top + area.bottom) / 2;
  const std::string y_title = axis_title(figure.y);
  labels += "<text text-anchor=\"middle\" transform=\"translate(13 " + place_text(centre) +
            ") rotate(-90)\"" + squeezed(y_title, area.bottom - area.top) + ">" +
            html_escaped(y_title) + "</text>";
  return "<path class=\"grid\" d=\"" + grid + "\"/><path class=\"axis\" d=\"M" +
         at(area.left, area.top) + "V" + place_text(area.bottom) + "H" + place_text(area.right) +
         "\"/>" + labels;
}

struct Place {
  double x = 0;
  double y = 0;
};

// The place between `inside` and `outside`, the latter above or below the area, at which the line
// between them leaves it.
Place at_edge(const Place& inside, const Place& outside, const PlotArea& area) {
  const double edge = outside.y < area.top ? area.top : area.bottom;
  const double share = (edge - inside.y) / (outside.y - inside.y);
  return {inside.x + share * (outside.x - inside.x), edge};
}

// The line through the points, cut off where it leaves the area.
std::string polyline(const std::vector<FigurePoint>& points, const PlotArea& area,
                     const char* kind) {
  std::string path;
  std::optional<Place> before;
  const auto is_inside = [&area](const Place& place) {
    return place.y >= area.top && place.y <= area.bottom;
  };
  for (const FigurePoint& point : points) {
    if (!area.can_show(point)) continue;
    const Place here = {area.x.place(point.x), area.y.place(point.y)};
    const bool was_inside = before && is_inside(*before);
    if (is_inside(here)) {
      if (before && !was_inside) {
        const Place edge = at_edge(here, *before, area);
        path += "M" + at(edge.x, edge.y) + "L";
      } else {
        path += before ? "L" : "M";
      }
      path += at(here.x, here.y);
    } else if (was_inside) {
      const Place edge = at_edge(*before, here, area);
      path += "L" + at(edge.x, edge.y);
    }
    before = here;
  }
  if (path.find('L') == std::string::npos) return "";
  return std::string("<path class=\"") + kind + "\" d=\"" + path + "\"/>";
}

std::string front(const Figure& figure, const PlotArea& area) {
  std::vector<FigurePoint> points;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (point.pareto) points.push_back(point);
    }
  }
  if (!figure.draws_pareto || points.size() < 2) return "";
  std::sort(points.begin(), points.end(), [](const FigurePoint& a, const FigurePoint& b) {
    return a.x != b.x ? a.x < b.x : a.y < b.y;
  });
  return polyline(points, area, "front");
}

std::string reference(const Figure& figure, const PlotArea& area) {
  if (!figure.y_reference || !area.y.can_show(*figure.y_reference)) return "";
  return "<path class=\"reference\" d=\"M" + at(area.left, area.y.place(*figure.y_reference)) +
         "H" + place_text(area.right) + "\"/>";
}

std::string interval(const FigurePoint& point, const PlotArea& area) {
  if (!point.y_ci95) return "";
  const auto end = [&area](double value) {
    // A logarithmic axis has no place at zero or below: the bar goes down to the edge.
    const double shown = area.y.can_show(value) ? area.y.place(value) : area.bottom;
    return place_text(std::clamp(shown, area.top, area.bottom));
  };
  return "<path class=\"bar\" d=\"M" + place_text(area.x.place(point.x)) + " " +
         end(point.y_ci95->low) + "V" + end(point.y_ci95->high) + "\"/>";
}

std::string point_text(const FigurePoint& point) {
  std::string text = point.label + ": " + significant(point.x, 4) + ", " + significant(point.y, 4);
  if (point.y_ci95) {
    text += " (95 % interval " + significant(point.y_ci95->low, 4) + " to " +
            significant(point.y_ci95->high, 4) + ")";
  }
  return text;
}

// How many points beyond the axis have been drawn at a place of x.
using Beyond = std::map<double, int>;

// A point beyond the axis: its symbol within the edge, and an arrow from there; those of one x
// beside each other.
std::string beyond_markup(const FigurePoint& point, const Figure& figure, const PlotArea& area,
                          std::size_t style, Beyond& taken) {
  constexpr double kInside = 17;
  constexpr double kAside = 11;
  const bool up = figure.y.better == Better::kLower;
  const int number = taken[point.x]++;
  const double aside = kAside * (number % 2 == 1 ? (number + 1) / 2 : -number / 2);
  const double x = std::clamp(area.x.place(point.x) + aside, area.left + 5, area.right - 5);
  const double y = up ? area.top + kInside : area.bottom - kInside;
  const char* head = up ? "v-9m-3 3l3-3l3 3" : "v9m-3-3l3 3l3-3";
  return "<path class=\"arrow\" d=\"M" + at(x, up ? y - 6 : y + 6) + head +
         "\"/><path class=\"point\" d=\"" + symbol_path(style, x, y) + "\"><title>" +
         html_escaped(point_text(point) + ", beyond the axis") + "</title></path>";
}

std::string series_markup(const FigureSeries& series, const Figure& figure, std::size_t style,
                          const PlotArea& area, Beyond& taken) {
  std::string markup = "<g class=\"series " + colour_class(style) + "\" data-name=\"" +
                       html_escaped(series.name) + "\">";
  if (series.joined) markup += polyline(series.points, area, "line");
  if (series.joined && series.points.size() > kMostMarked) return markup + "</g>";
  for (const FigurePoint& point : series.points) {
    if (!area.can_show(point)) continue;
    if (is_beyond(figure, point)) {
      markup += beyond_markup(point, figure, area, style, taken);
      continue;
    }
    markup += interval(point, area);
    markup += "<path class=\"point" + std::string(point.pareto ? " pareto" : "") + "\" d=\"" +
              symbol_path(style, area.x.place(point.x), area.y.place(point.y)) + "\"><title>" +
              html_escaped(point_text(point)) + "</title></path>";
  }
  return markup + "</g>";
}

// What the script needs to tell numbers from places: low, high, logarithmic, start, end.
std::string scale_text(const Scale& scale) {
  return exact(scale.low) + " " + exact(scale.high) + (scale.logarithmic ? " 1 " : " 0 ") +
         place_text(scale.start) + " " + place_text(scale.end);
}

}  // namespace

std::size_t style_index(const std::string& name, const std::vector<std::string>& names) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string colour_class(std::size_t style) {
  return "c" + std::to_string(style == 0 ? 0 : 1 + (style - 1) % figure_style::kSeriesColours);
}

std::string symbol_path(std::size_t style, double x, double y) {
  return "M" + at(x, y) + symbol_at(style).path;
}

std::string svg_figure(const Figure& figure, const std::vector<std::string>& names) {
  const PlotArea area = plot_area(figure);
  const std::string id = html_escaped(figure.id);
  std::string svg = "<svg viewBox=\"0 0 " + place_text(area.width) + " " + place_text(area.height) +
                    "\" role=\"img\" aria-labelledby=\"" + id + "-t " + id + "-d\" data-x=\"" +
                    scale_text(area.x) + "\" data-y=\"" + scale_text(area.y) + "\"><title id=\"" +
                    id + "-t\">" + html_escaped(figure.title) + "</title><desc id=\"" + id +
                    "-d\">" + html_escaped(figure.caption + beyond_note(figure)) + "</desc>";
  if (area.empty) {
    return svg +
           text_at(area.width / 2, area.height / 2, "no point can be shown",
                   " text-anchor=\"middle\"") +
           "</svg>";
  }
  svg += axes(figure, area) + reference(figure, area) + front(figure, area);
  Beyond taken;
  for (const FigureSeries& series : figure.series) {
    svg += series_markup(series, figure, style_index(series.name, names), area, taken);
  }
  return svg + "</svg>\n";
}

}  // namespace pressroom
