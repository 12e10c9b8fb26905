// What `pressroom trace --json` prints; docs/traces.md names the fields.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "trace/trace.h"

namespace pressroom {

// What to show of a trace: the heads first_head .. end_head - 1 of the layers first_layer ..
// end_layer - 1, as they were after `step`.
struct TraceSelection {
  std::int64_t step = 0;
  std::int64_t first_layer = 0;
  std::int64_t end_layer = 0;
  std::int64_t first_head = 0;
  std::int64_t end_head = 0;
  bool evictions = false;  // also when each entry left, and its score then
};

// `selection` must lie within the trace. Scores that are not finite, and mean ages of nothing, are
// null.
nlohmann::ordered_json to_json(const Trace& trace, const TraceSelection& selection);

// `agreement` is what compare_traces says of `a` and `b`.
nlohmann::ordered_json to_json(const Trace& a, const Trace& b, const TraceAgreement& agreement);

}  // namespace pressroom
