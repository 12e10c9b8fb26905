// A figure as data: what the HTML report, gnuplot and the CSV beside it are all made from.
//
//   Figure figure;
//   figure.id = "ppl_vs_kept_books_ctx1024";
//   figure.x = {"kept fraction", false, Better::kLower};
//   figure.y = {"perplexity", true, Better::kLower};
//   figure.series = {{"h2o", {{0.5, 12.9}, {0.9, 12.5}}}};
//   mark_pareto(figure);
//
// Axes get their range and marks here too: axis_range() for gnuplot, the ticks for the page.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "stats/t_tests.h"

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
  std::vector<double> marks{};  // where its ticks stand: budgets, say; empty: at round numbers
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
  std::optional<double> y_limit;      // points that are worse are drawn at the edge: fit_y_axis()
};

// Settles how y is drawn, so that no method which is run as a floor - random, or any other at a
// sparsity that breaks it - presses all others onto one line:
//
//   1. Methods are left aside one by one, the one with the worst point first, as long as half of
//      them stay. Where what stays takes less than a fifth (kFloorGap) of the length that it took
//      before the last was left aside, there is a gap, and the axis ends (y_limit) at the worst
//      point of what stays, or of what was left aside and lies near it (kNear). Smooth spreads
//      have no such gap.
//   2. The axis is logarithmic where all numbers up to there are above zero and the largest is over
//      12 times (kWide) the least; not where higher is better: of shares of right answers it would
//      stretch the worst.
//
// A point beyond the limit stands at the edge with an arrow; its value is in beyond_note() and
// where points are named. Nothing is cut off where y says of no direction that it is better.
void fit_y_axis(Figure& figure);

constexpr double kFloorGap = 0.2;
constexpr double kArrowRoom = 0.12;  // of the axis, beside its limit: where the arrows are
constexpr double kNear = 0.4;  // of the axis, beyond its worst point: what still belongs on it
constexpr double kWide = 12;

// Whether the numbers of a coordinate - of y, up to the limit - are so far apart: above zero, and
// the largest over kWide times the least.
bool is_wide(const Figure& figure, double FigurePoint::*coordinate);

bool is_beyond(const Figure& figure, const FigurePoint& point);

// Of the points beyond the limit the y that is nearest to it: the drawn axis ends before that.
std::optional<double> nearest_beyond(const Figure& figure);

// What is in the figure beyond its axis, a sentence with a blank before it; "" where nothing is.
//
//   " Beyond the axis, as arrows at its edge: knorm 128.7, 278.9, 823.4; random 45.62."
std::string beyond_note(const Figure& figure);

// `figure` without the series called so, its axis and front settled anew.
Figure without_series(Figure figure, const std::vector<std::string>& names);

// Marks `pareto` where both axes say what is better, and unmarks every other point: marked is what
// no other point beats in one axis without being worse in the other. Of equal points all are
// marked, of points with a number that is not finite none.
void mark_pareto(Figure& figure);

// A mark of an axis, at a round number.
//
//   linear_ticks(0.07, 1.04, 6)  ->  0.2 "0.2", 0.4 "0.4", 0.6, 0.8, 1 "1.0"
//   log_ticks(9, 2100, 6)        ->  10, 100, 1000
struct Tick {
  double value = 0;
  std::string label;
};

// Multiples of 1, 2 or 5 times a power of ten within low .. high, at most `most` of them. `low` is
// below `high`, both are finite.
std::vector<Tick> linear_ticks(double low, double high, int most);

// Powers of ten, and where those are few their multiples by 2 and 5; in a range that holds less
// than two such numbers those of linear_ticks. 0 < low < high.
std::vector<Tick> log_ticks(double low, double high, int most);

// The marks of an axis within low .. high; those that would stand in the way of the one before are
// left out.
std::vector<Tick> ticks_at(const std::vector<double>& marks, double low, double high,
                           bool logarithmic);

// How far an axis goes and where its ticks are.
//
//   axis_range({11.8, 17.2}, true)  ->  11.5 .. 17.6, ticks at 12, 13, ... 17
//
// gnuplot's own choice leaves a logarithmic axis of less than a decade without ticks, and fails
// where all points are equal.
struct AxisRange {
  double low = 0;
  double high = 1;
  std::vector<Tick> ticks;  // within it, ascending
};

// Holds every finite number (above zero where `logarithmic`) with a margin of 4 % of the length.
// Where there is none: 0 .. 1, or 1 .. 10.
AxisRange axis_range(const std::vector<double>& numbers, bool logarithmic);

}  // namespace pressroom
