// generation_summary.txt: what the generation study prints at the end.
//
//   Perplexity Summary:
//   Method     Sparsity   Mean PPL     Std PPL      Tokens/s
//   ----------------------------------------------------------------------
//   dense      0.0        12.45        0.12         45.23
//
//   Statistical Significance Tests:
//   h2o_vs_cab_s0.9: p=0.0234 *
//     Mean difference: 0.66
//     Over seeds: paired p=0.0412, Welch p=0.0830
//
// Mean and standard deviation (n - 1) are over seeds. p is of the test over documents, adjusted
// over its family; the study's own test, with the seed as the unit, stands beside it. The mean
// difference is one of perplexities, over seeds, first minus second.
#pragma once

#include "report/studies/study.h"

namespace pressroom {

StudyFiles generation_summary(const StudyInput& input);

}  // namespace pressroom
