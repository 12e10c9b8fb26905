// comparison_summary.json, detailed_results.json and comparison_summary.txt, as the study of
// methods fixed them.
//
//   {"baseline_perplexity": 12.0, "results": [{"method": "kvzap", "perplexity": 12.34,
//    "ppl_delta": 0.34, "ppl_delta_pct": 2.83, "compression_ratio": 0.45, ...}]}
//
// A compression ratio is the fraction of all keys ever made that was gone at the end, as counted in
// the caches; the one that was asked for stands beside it as `sparsity`. One set of files for each
// dataset and context, told apart by "_<dataset>" and "_ctx<N>" where there are several.
#pragma once

#include "report/studies/study.h"

namespace pressroom {

StudyFiles comparison_summary(const StudyInput& input);

}  // namespace pressroom
