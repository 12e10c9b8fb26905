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
#pragma once

#include "report/studies/study.h"

namespace pressroom {

StudyFiles speed_results(const StudyInput& input);

}  // namespace pressroom
