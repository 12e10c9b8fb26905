// The figures of a campaign: what its report draws.
//
//   for (const Figure& figure : campaign_figures(results, compare(results))) draw(figure);
#pragma once

#include <string>
#include <vector>

#include "report/figures/figure.h"
#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

// In the order of the report; only those that there are numbers for:
//   trade-offs: perplexity, exact match and divergence from dense (kl_mean) against the measured
//   kept fraction,
//     the peak of the KV cache and tokens per second; the Pareto front marked; a figure for each
//     dataset and context
//   each other metric of the results table that has a direction against the kept fraction, with the
//     interval of its own comparison; `columns` chooses them as it does there
//   perplexity against context length, for each dataset and sparsity (Figure 4 of the perplexity
//     study), where there are several contexts
//   perplexity and exact match against sparsity, or against budget where the campaign gives these,
//     for each dataset and context (its Figure 8), where there are several
//   entries a head over tokens fed (CacheSizeCurve), for each dataset and sparsity at the largest
//     context
// A point is a group of cells: means over seeds. The interval of a perplexity is that of the paired
// comparison with the baseline, laid around the point: it says how well the distance to the
// baseline is known, not how much texts differ. What is not finite is left out; what
// a floor method stretches is cut off (fit_y_axis() of figure.h). Ids are unique and
// fit for file names.
std::vector<Figure> campaign_figures(const std::vector<CellResult>& results,
                                     const ComparisonReport& report,
                                     const std::vector<std::string>& columns = {});

}  // namespace pressroom
