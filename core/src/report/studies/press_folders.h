// A folder for each press, as the evaluation of kvpress leaves them, and the sweep over all.
//
//   wikitext_ppl__EleutherAI--pythia-70m__knorm__0.50/
//     metrics.json       {"perplexity": 40.31, "runtime_sec": 0.38, "total_runtime_sec": 0.38, ...}
//     predictions.csv    one row a window: seed, id, scored tokens, nll
//     config.yaml        what was run, under the names of kvpress where it has one
//   pythia_kvpress_sweep.json, pythia_kvpress_sweep_tradeoff.png
//
// The baseline is the press "no_press". Where there are several contexts, "__max_context<N>" ends
// the name. `runtime_sec` is the time of feeding and scoring the tokens of all windows, mean over
// seeds; `total_runtime_sec` is the same, as a prompt is not timed by itself.
#pragma once

#include "report/studies/study.h"

namespace pressroom {

StudyFiles press_folders(const StudyInput& input);

}  // namespace pressroom
