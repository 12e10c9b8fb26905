#include "report/figure_csv.h"

#include <spdlog/fmt/fmt.h>

#include "report/gnuplot_text.h"
#include "stats/number_text.h"

namespace pressroom {
namespace {

std::string csv_field(const std::string& text) {
  const std::string line = one_line(text);
  if (line.find_first_of(",\"") == std::string::npos) return line;
  std::string field = "\"";
  for (const char c : line) {
    field += c;
    if (c == '"') field += '"';
  }
  return field + '"';
}

}  // namespace

std::string figure_csv(const Figure& figure) {
  std::string text = "series_number,x,y,y_low,y_high,pareto,series,label\n";
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const FigureSeries& series = figure.series[i];
    for (const FigurePoint& point : series.points) {
      text += fmt::format("{},{},{},{},{},{},{},{}\n", i, exact(point.x), exact(point.y),
                          point.y_ci95 ? exact(point.y_ci95->low) : "",
                          point.y_ci95 ? exact(point.y_ci95->high) : "", point.pareto ? 1 : 0,
                          csv_field(series.name), csv_field(point.label));
    }
  }
  return text;
}

}  // namespace pressroom
