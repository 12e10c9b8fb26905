#include "report/figures/figure.h"

#include <cmath>

namespace pressroom {
namespace {

// Positive where `a` is better than `b`, zero where they are equal.
int compared(double a, double b, Better better) {
  if (a == b) return 0;
  return (a < b) == (better == Better::kLower) ? 1 : -1;
}

bool dominates(const FigurePoint& a, const FigurePoint& b, const Figure& figure) {
  const int x = compared(a.x, b.x, figure.x.better);
  const int y = compared(a.y, b.y, figure.y.better);
  return x >= 0 && y >= 0 && x + y > 0;
}

}  // namespace

void mark_pareto(Figure& figure) {
  std::vector<FigurePoint*> points;
  for (FigureSeries& series : figure.series) {
    for (FigurePoint& point : series.points) {
      point.pareto = false;
      if (std::isfinite(point.x) && std::isfinite(point.y)) points.push_back(&point);
    }
  }
  if (figure.x.better == Better::kNeither || figure.y.better == Better::kNeither) return;
  for (FigurePoint* candidate : points) {
    candidate->pareto = true;
    for (const FigurePoint* other : points) {
      if (dominates(*other, *candidate, figure)) candidate->pareto = false;
    }
  }
}

}  // namespace pressroom
