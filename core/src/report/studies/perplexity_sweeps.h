// perplexity_sweeps.json: perplexity against context length and against sparsity.
//
//   {"config": {...},
//    "results": {"wikitext-103": {"cab_v4": {
//      "context_length_sweep": {"512": {"perplexity": 15.2, ...}, "1024": ...},
//      "sparsity_sweep": {"0.0": {"perplexity": 10.0, ...}, "0.9": ...}}}}}
//
// The context sweep is taken at one sparsity, 0.9 or else the largest there is, and the sparsity
// sweep at the longest context; `config` says which (`context_sweep_sparsity`,
// `sparsity_sweep_context`). With budgets in tokens it is taken at the smallest of them
// (`context_sweep_budget`), under `match` at what was found for each context. The baseline has no
// sparsity: it has a context sweep and a "0.0", which stands, marked "method": "dense", for every
// method that was not run at sparsity 0.
#pragma once

#include "report/studies/study.h"

namespace pressroom {

// A point: perplexity (of all scored tokens), cross_entropy (nats per token), bits_per_token,
// perplexity_std (over seeds), vs_dense_pct (of perplexity), p_adjusted, sparsity, budget_tokens,
// context_length, kept_ratio and avg_cache_size (measured), num_tokens (scored), num_samples. Null
// where a cell failed.
StudyFiles perplexity_sweeps(const StudyInput& input);

}  // namespace pressroom
