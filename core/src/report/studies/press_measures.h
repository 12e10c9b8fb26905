// What is measured of a press: the same numbers in its folder and in the sweep.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "stats/cell_groups.h"

namespace pressroom {

// "no_press" for the baseline, else the method's label.
std::string press_name(const CellGroup& group, const std::string& baseline);

// Seconds of feeding and scoring the windows of a cell, mean over seeds.
std::optional<double> runtime_sec(const CellGroup& group);

// Fraction of the entries ever made that was gone at the end; absent without the metric `cache`.
std::optional<double> measured_ratio(const CellGroup& group);

// perplexity, cross_entropy, num_tokens, num_samples, runtime_sec, total_runtime_sec,
// compression_ratio (asked for), measured_compression_ratio, avg_cache_size.
nlohmann::ordered_json press_measures(const CellGroup& group);

}  // namespace pressroom
