// ppl_<dataset>/ppl_results_{mode}.json, as the study of accelerated inference has them.
//
//   {"mode": "streaming", "ppl": 10.234, "num_tokens": 50000, "num_samples": 10,
//    "config": {"start_size": 4, "recent_size": 252, ...}}
//
// `mode` is the method's label, "baseline" for dense. `ppl` is of all scored tokens together and
// `num_tokens` counts those, not the tokens fed. `config.cache_size` is what a head of this method
// can come to hold, which may be less than the budget. "_s<sparsity>" follows the mode where a
// method has several budgets, "_ctx<N>" where there are several contexts.
#pragma once

#include "report/studies/study.h"

namespace pressroom {

StudyFiles ppl_results(const StudyInput& input);

}  // namespace pressroom
