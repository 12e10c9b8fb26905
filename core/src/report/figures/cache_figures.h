// How large the caches were while cells ran, as figures.
#pragma once

#include <string>
#include <vector>

#include "report/figures/figure.h"
#include "report/figures/figure_rows.h"

namespace pressroom {

// Entries a head over tokens fed: a figure for each dataset and sparsity, at the largest context
// that has courses; the baseline in each. A line is the mean over a group's cells whose courses
// have the points of the first.
std::vector<Figure> cache_figures(const std::vector<FigureRow>& rows, const std::string& baseline);

}  // namespace pressroom
