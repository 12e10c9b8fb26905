// A figure as data: what the HTML report, gnuplot and the CSV beside it are all made from.
//
//   Figure figure;
//   figure.id = "ppl_vs_kept_books_ctx1024";
//   figure.x = {"kept fraction", false, Better::kLower};
//   figure.y = {"perplexity", true, Better::kLower};
//   figure.series = {{"h2o", {{0.5, 12.9}, {0.9, 12.5}}}};
//   mark_pareto(figure);
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "stats/paired_t.h"

namespace pressroom {

struct FigurePoint {
  double x = 0;
  double y = 0;
  std::optional<Interval> y_ci95;
  std::string label;    // "h2o, sparsity 0.9": what hovering tells
  bool pareto = false;  // of the front: see mark_pareto
};

// A joined series of more points is drawn as a line without symbols and intervals.
constexpr std::size_t kMostMarked = 24;

struct FigureSeries {
  std::string name;                 // of the legend: a method
  std::vector<FigurePoint> points;  // by ascending x where they are joined
  bool joined = true;
};

enum class Better { kLower, kHigher, kNeither };

struct FigureAxis {
  std::string title;  // with its unit: "KV peak (MB)"
  bool logarithmic = false;
  Better better = Better::kNeither;
};

struct Figure {
  std::string id;       // a file name: "ppl_vs_kept_books_ctx1024"
  std::string title;    // "Perplexity against what was kept"
  std::string caption;  // one or two sentences: what is drawn, of how much, how to read it
  FigureAxis x;
  FigureAxis y;
  std::vector<FigureSeries> series;
  bool draws_pareto = false;          // join the points that are pareto
  std::optional<double> y_reference;  // a dashed line: dense
};

// Marks `pareto` where both axes say what is better, and unmarks every other point: marked is what
// no other point beats in one axis without being worse in the other. Of equal points all are
// marked, of points with a number that is not finite none.
void mark_pareto(Figure& figure);

}  // namespace pressroom
