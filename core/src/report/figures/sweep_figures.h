// Perplexity over what a campaign sweeps.
#pragma once

#include <string>
#include <vector>

#include "report/figures/figure.h"
#include "report/figures/figure_rows.h"

namespace pressroom {

// Over context length, for each dataset and sparsity, with the baseline; where there are several
// contexts.
std::vector<Figure> context_sweeps(const std::vector<FigureRow>& rows, const std::string& baseline);

// Over sparsity, or budget where the campaign gives these, for each dataset and context; where
// there are several.
std::vector<Figure> amount_sweeps(const std::vector<FigureRow>& rows, const std::string& baseline);

}  // namespace pressroom
