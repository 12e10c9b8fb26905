#include "report/figures/figure_csv.h"

#include "base/csv_line.h"
#include "base/number_text.h"
#include "report/figures/gnuplot_text.h"

namespace pressroom {

std::string figure_csv(const Figure& figure) {
  std::string text = "series_number,x,y,y_low,y_high,pareto,series,label\n";
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const FigureSeries& series = figure.series[i];
    for (const FigurePoint& point : series.points) {
      text += csv_line({std::to_string(i), exact(point.x), exact(point.y),
                        point.y_ci95 ? exact(point.y_ci95->low) : "",
                        point.y_ci95 ? exact(point.y_ci95->high) : "", point.pareto ? "1" : "0",
                        one_line(series.name), one_line(point.label)});
    }
  }
  return text;
}

}  // namespace pressroom
