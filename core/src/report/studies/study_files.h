// The files that the studies fixed, for the names in the config's `outputs`:
//
//   generation_summary   generation_summary.txt
//   perplexity_sweeps    perplexity_sweeps.json
//   press_folders        <dataset>__<model>__<press>__<ratio>/{metrics.json, predictions.csv,
//                        config.yaml}, pythia_kvpress_sweep.json and its plot
//   ppl_results          ppl_<dataset>/ppl_results_{mode}.json
//   speed_results        speed_benchmark/speed_results_{mode}.json and a plot of each
//   comparison_summary   comparison_summary.json, detailed_results.json, comparison_summary.txt
//
// One function an output, from results to texts; make_study_files() calls those that are asked for.
// docs/studies.md and docs/schemas say the rest.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/studies/study.h"
#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

struct CampaignConfig;

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
StudyFiles generation_summary(const StudyInput& input);

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
//
// A point: perplexity (of all scored tokens), cross_entropy (nats per token), bits_per_token,
// perplexity_std (over seeds), vs_dense_pct (of perplexity), p_adjusted, sparsity, budget_tokens,
// context_length, kept_ratio and avg_cache_size (measured), num_tokens (scored), num_samples. Null
// where a cell failed.
StudyFiles perplexity_sweeps(const StudyInput& input);

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
StudyFiles press_folders(const StudyInput& input);

// ppl_<dataset>/ppl_results_{mode}.json, as the study of accelerated inference has them.
//
//   {"mode": "streaming", "ppl": 10.234, "num_tokens": 50000, "num_samples": 10,
//    "config": {"start_size": 4, "recent_size": 252, ...}}
//
// `mode` is the method's label, "baseline" for dense. `ppl` is of all scored tokens together and
// `num_tokens` counts those, not the tokens fed. `config.cache_size` is what a head of this method
// can come to hold, which may be less than the budget. "_s<sparsity>" follows the mode where a
// method has several budgets, "_ctx<N>" where there are several contexts.
StudyFiles ppl_results(const StudyInput& input);

// speed_benchmark/speed_results_{mode}.json and speed_benchmark_{mode}.png, as the study of
// accelerated inference has them.
//
//   {"config": {...}, "results": [{"seq_length": 1024, "kv_cache_size": 256,
//    "avg_decode_latency_ms": 12.5, "tokens_per_sec": 80.0, ...}]}
//
// Needs `engine: decode` and `metrics: [cache, {name: throughput, last: 128}]`: the latency is the
// mean of the last 128 steps of each window, its sd (n - 1) is over seeds, and `tokens_per_sec` is
// one over it: of one sequence. `kv_cache_size` is the most entries a head held, as measured.
// `seq_length` is what a window held before those 128 tokens. With several budgets of a method or
// several datasets the mode is followed by "_b<entries>" and "_<dataset>".
StudyFiles speed_results(const StudyInput& input);

// comparison_summary.json, detailed_results.json and comparison_summary.txt, as the study of
// methods fixed them.
//
//   {"baseline_perplexity": 12.0, "results": [{"method": "kvzap", "perplexity": 12.34,
//    "ppl_delta": 0.34, "ppl_delta_pct": 2.83, "compression_ratio": 0.45, ...}]}
//
// A compression ratio is the fraction of all keys ever made that was gone at the end, as counted in
// the caches; the one that was asked for stands beside it as `sparsity`. One set of files for each
// dataset and context, told apart by "_<dataset>" and "_ctx<N>" where there are several.
StudyFiles comparison_summary(const StudyInput& input);

// The files of the outputs named in `outputs`, in the order of study_outputs(). Throws Error when
// two outputs would be written to one file.
StudyFiles make_study_files(const StudyInput& input, const std::vector<std::string>& outputs);

struct WrittenStudy {
  std::vector<std::filesystem::path> files;
  std::string
      printed;  // what the studies print at the end: the .txt files, each after a blank line
};

// Writes them below `directory`. Without a gnuplot there are no plots, but their data. Throws Error
// where there is one and it fails.
WrittenStudy write_study_files(const std::vector<CellResult>& results,
                               const ComparisonReport& report, const CampaignConfig& config,
                               const std::filesystem::path& directory);

}  // namespace pressroom
