// The objects that `pressroom bench --json` prints.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "bench/document_bench.h"
#include "bench/kernel_bench.h"

namespace pressroom {

// `seconds` has every repeat. peak_bytes_above_loaded is null where the system does not tell;
// step_ms_p50 and step_ms_p95 are of runs by decoding alone.
nlohmann::ordered_json to_json(const BenchReport& report);

// limit and fraction_of_limit are null for the limits.
nlohmann::ordered_json to_json(const KernelReport& report);

}  // namespace pressroom
