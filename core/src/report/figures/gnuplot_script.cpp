#include "report/figures/gnuplot_script.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "base/number_text.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "report/figures/figure_style.h"

namespace pressroom {
namespace {

constexpr std::string_view kSpecial = "\"\\`@$";  // within double quotes of gnuplot's

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : printable_line(text)) {
    if (c == '>' && ends_with(line, "]]")) line += ' ';
    if (c == '#' && ends_with(line, "&")) line += ' ';
    line += c;
  }
  return line;
}

std::string shortened(const std::string& text, std::size_t most) {
  std::size_t characters = 0;
  std::size_t cut = text.size();  // where the ellipsis would go
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues(text[i])) continue;
    if (++characters == most - 2) cut = i;
  }
  return characters <= most ? text : text.substr(0, cut) + "...";
}

std::string gnuplot_string(const std::string& line) {
  std::string text = "\"";
  bool escaped = false;  // gnuplot would take a digit for the escape's fourth
  for (const char c : line) {
    const bool digit = c >= '0' && c <= '9';
    escaped = kSpecial.find(c) != std::string_view::npos || (escaped && digit);
    text += escaped ? fmt::format("\\{:03o}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return text + '"';
}

namespace {

constexpr std::size_t kLegendWidth = 52;  // characters of a line of it
constexpr std::size_t kLongestName = 44;

bool holds(const FigureAxis& axis, double value) {
  return std::isfinite(value) && (value > 0 || !axis.logarithmic);
}

bool drawn(const FigurePoint& point, const Figure& figure) {
  return holds(figure.x, point.x) && holds(figure.y, point.y);
}

std::vector<double> numbers_of(const Figure& figure, bool y) {
  std::vector<double> values;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!drawn(point, figure) || (y && is_beyond(figure, point))) continue;
      values.push_back(y ? point.y : point.x);
      // With a limit the axis shows points; a bar may end at its edge.
      if (!y || !point.y_ci95 || figure.y_limit) continue;
      values.push_back(point.y_ci95->low);
      values.push_back(point.y_ci95->high);
    }
  }
  if (y && figure.y_reference) values.push_back(*figure.y_reference);
  return values;
}

// With room for arrows where the axis has a limit.
AxisRange y_range(const Figure& figure) {
  std::vector<double> numbers = numbers_of(figure, true);
  const AxisRange range = axis_range(numbers, figure.y.logarithmic);
  if (!figure.y_limit) return range;
  const double part = figure.y.better == Better::kHigher ? -kArrowRoom : 1 + kArrowRoom;
  numbers.push_back(figure.y.logarithmic ? range.low * std::pow(range.high / range.low, part)
                                         : range.low + part * (range.high - range.low));
  return axis_range(numbers, figure.y.logarithmic);
}

std::string axis_lines(const char* axis, const FigureAxis& description, AxisRange range) {
  if (!description.marks.empty()) {
    range.ticks = ticks_at(description.marks, range.low, range.high, description.logarithmic);
  }
  std::string text =
      fmt::format("set {}label {}{}\n", axis, gnuplot_string(one_line(description.title)),
                  axis[0] == 'x' ? " offset 0, 0.4" : "");
  if (description.logarithmic) text += fmt::format("set logscale {}\n", axis);
  text += fmt::format("set {}range [{}:{}]\n", axis, exact(range.low), exact(range.high));
  std::string ticks;
  for (const Tick& tick : range.ticks) {
    ticks += fmt::format("{}\"{}\" {}", ticks.empty() ? "" : ", ", tick.label, exact(tick.value));
  }
  return text + fmt::format("set {}tics ({})\n", axis, ticks);
}

std::size_t place_of(const std::string& name, const std::vector<std::string>& names) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string legend_name(const std::string& name) {
  return gnuplot_string(shortened(one_line(name), kLongestName));
}

bool has_intervals(const FigureSeries& series, const Figure& figure) {
  return std::any_of(series.points.begin(), series.points.end(), [&](const FigurePoint& point) {
    return drawn(point, figure) && point.y_ci95 && holds(figure.y, point.y_ci95->low) &&
           holds(figure.y, point.y_ci95->high);
  });
}

// Arrows at the edge for the points beyond it, in the colours of their series; those of one x
// beside each other.
std::string arrow_lines(const Figure& figure, const std::vector<std::string>& names) {
  const AxisRange x = axis_range(numbers_of(figure, false), figure.x.logarithmic);
  const bool up = figure.y.better == Better::kLower;
  std::map<double, std::size_t> taken;  // by x
  std::string lines;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!drawn(point, figure) || !is_beyond(figure, point)) continue;
      const double aside = 0.015 * static_cast<double>(taken[point.x]++);
      const double place = figure.x.logarithmic ? point.x * std::pow(x.high / x.low, aside)
                                                : point.x + aside * (x.high - x.low);
      lines += fmt::format(
          "set arrow from first {0}, graph {1} to first {0}, graph {2} filled {3} lc rgb \"{4}\"\n",
          exact(place), up ? 0.92 : 0.08, up ? 1 : 0, gnuplot_line(figure_style::kArrow),
          file_colour(place_of(series.name, names)));
    }
  }
  return lines;
}

// The plot's elements, one a line.
std::vector<std::string> elements(const Figure& figure, const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  std::size_t row = 0;  // of the table, which has the series one after another
  for (const FigureSeries& series : figure.series) {
    const std::size_t first = row;
    row += series.points.size();
    const auto count = std::count_if(series.points.begin(), series.points.end(),
                                     [&](const auto& point) { return drawn(point, figure); });
    if (count == 0) continue;
    const bool joined = series.joined && count > 1;
    const bool dense = joined && series.points.size() > kMostMarked;
    const std::size_t style = place_of(series.name, names);
    const char* colour = file_colour(style);
    const std::string x = fmt::format("data skip 1 every ::{}::{} using 2", first, row - 1);
    if (!dense && has_intervals(series, figure)) {
      lines.push_back(fmt::format("{}:3:4:5 with yerrorbars pt -1 {} lc rgb \"{}\" notitle", x,
                                  gnuplot_line(figure_style::kInterval), colour));
    }
    const std::string symbol = fmt::format("points pt {}", symbol_at(style).gnuplot);
    lines.push_back(fmt::format("{}:3 with {}{} lc rgb \"{}\" {} title {}", x,
                                joined ? "lines" : "", dense ? "" : symbol, colour,
                                gnuplot_line(figure_style::kJoined), legend_name(series.name)));
  }
  if (figure.draws_pareto) {
    lines.push_back(
        fmt::format("data skip 1 using ($6 == 1 ? $2 : NaN):3 smooth unique with lines {} lc rgb "
                    "\"{}\" title \"Pareto front\"",
                    gnuplot_line(figure_style::kFront), figure_style::kInk.light));
  }
  if (figure.y_reference && holds(figure.y, *figure.y_reference)) {
    lines.push_back(fmt::format("{} with lines {} lc rgb \"{}\" title \"dense\"",
                                exact(*figure.y_reference), gnuplot_line(figure_style::kReference),
                                figure_style::kInk.light));
  }
  return lines;
}

std::string terminal(const figure_style::File& file) {
  std::string text = fmt::format("font \"{},{}\" noenhanced linewidth {}", file.font, file.size,
                                 exact(file.line_width));
  if (file.point_scale > 0) text += " pointscale " + exact(file.point_scale);
  return text;
}

struct Legend {
  std::size_t columns = 1;
  std::size_t rows = 1;
};

Legend legend_of(const Figure& figure) {
  std::size_t longest = 12;
  for (const FigureSeries& series : figure.series) {
    longest = std::max(longest, shortened(one_line(series.name), kLongestName).size());
  }
  const std::size_t entries =
      figure.series.size() + (figure.draws_pareto ? 1 : 0) + (figure.y_reference ? 1 : 0);
  Legend legend;
  legend.columns = std::clamp<std::size_t>(kLegendWidth / (longest + 6), 1, 4);
  legend.rows = (entries + legend.columns - 1) / legend.columns;
  return legend;
}

bool draws_front(const Figure& figure) {
  if (!figure.draws_pareto) return false;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (point.pareto && drawn(point, figure)) return true;
    }
  }
  return false;
}

}  // namespace

bool can_be_drawn(const Figure& figure) {
  return std::any_of(figure.series.begin(), figure.series.end(), [&](const FigureSeries& series) {
    return std::any_of(series.points.begin(), series.points.end(),
                       [&](const FigurePoint& point) { return drawn(point, figure); });
  });
}

std::string gnuplot_script(const Figure& figure, const std::vector<std::string>& names) {
  Figure checked = figure;
  checked.draws_pareto = draws_front(figure);
  const Legend legend = legend_of(checked);
  const double height_cm = 6.2 + 0.38 * static_cast<double>(legend.rows);
  std::string text = fmt::format(
      "# {caption}\n"
      "#   gnuplot {id}.gp                     draws {id}.svg\n"
      "#   gnuplot -e 'format=\"pdf\"' {id}.gp   draws {id}.pdf; png likewise\n"
      "reset\n"
      "if (!exists(\"format\")) format = \"svg\"\n"
      "if (!exists(\"out\")) out = \"{id}.\" . format\n"
      "if (format eq \"svg\") set terminal svg size 480,{svg:.0f} {svg_style} background rgb "
      "\"white\"\n"
      "if (format eq \"pdf\") set terminal pdfcairo size 8.6cm,{cm:.2f}cm {pdf_style}\n"
      "if (format eq \"png\") set terminal pngcairo size 1290,{png:.0f} {png_style}\n"
      "set output out\n"
      "set encoding utf8\n"
      "set datafile separator \",\"\n"
      "set datafile commentschars \"\"\n"
      "set datafile missing NaN\n"
      "set key outside below center maxrows {rows} Left reverse samplen 2 height 1\n"
      "set border 3\n"
      "set tics nomirror\n"
      "set grid back {grid} lc rgb \"{grid_colour}\"\n"
      "set title {title}\n",
      fmt::arg("caption", one_line(figure.caption + beyond_note(figure))),
      fmt::arg("id", figure.id), fmt::arg("svg", height_cm * 480 / 8.6), fmt::arg("cm", height_cm),
      fmt::arg("png", height_cm * 150), fmt::arg("svg_style", terminal(figure_style::kSvgFile)),
      fmt::arg("pdf_style", terminal(figure_style::kPdfFile)),
      fmt::arg("png_style", terminal(figure_style::kPngFile)),
      fmt::arg("grid", gnuplot_line(figure_style::kGridLine)),
      fmt::arg("grid_colour", figure_style::kGrid.light), fmt::arg("rows", legend.rows),
      fmt::arg("title", gnuplot_string(one_line(figure.title))));
  text += axis_lines("x", figure.x, axis_range(numbers_of(figure, false), figure.x.logarithmic));
  text += axis_lines("y", figure.y, y_range(figure));
  text += arrow_lines(figure, names);
  text += fmt::format("data = \"{}.csv\"\n", figure.id);
  const char* before = "plot ";
  for (const std::string& element : elements(checked, names)) {
    text += before + element;
    before = ", \\\n  ";
  }
  return text + "\nunset output\n";
}

}  // namespace pressroom
