// pythia_kvpress_sweep.json and its plot: every press at every ratio on every dataset.
#pragma once

#include "report/studies/study.h"
#include "stats/cell_groups.h"

namespace pressroom {

// {"config": {...}, "results": [{"dataset", "context_length", "press", <measures of the press>,
// "baseline_perplexity", "baseline_runtime_sec", "ppl_ratio", "p_adjusted"}]}; the baseline is the
// press "no_press".
StudyFile press_sweep_file(const StudyInput& input, const std::vector<CellGroup>& groups);

// Perplexity over that of the baseline against the measured ratio: a line for each dataset and
// press, so that datasets of different perplexities fit into one plot.
StudyFigure press_tradeoff(const StudyInput& input, const std::vector<CellGroup>& groups);

}  // namespace pressroom
