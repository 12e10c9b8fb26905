// A speed study as figures.
//
//   draw_figures(decode_figures(study), folder, {"svg"});   // report/figures/draw_figures.h
#pragma once

#include <vector>

#include "bench/decode_study.h"
#include "report/figures/figure.h"

namespace pressroom {

// For each number of sequences at once: milliseconds of a token against the length of the prompt,
// with their intervals (decode_ms), and bytes that caches hold at the end (decode_kv). A line for
// each method; in decode_ms also one for dense with the weights that it is fastest with, where
// those are others than the study's. With several numbers of sequences their ids end in it:
// decode_ms_s8.
std::vector<Figure> decode_figures(const DecodeStudy& study);

}  // namespace pressroom
