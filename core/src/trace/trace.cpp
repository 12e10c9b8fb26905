#include "trace/trace.h"

#include <cstddef>
#include <limits>
#include <numeric>

#include "pressroom/error.h"

namespace pressroom {

std::int64_t Trace::tokens() const {
  return std::accumulate(tokens_per_step.begin(), tokens_per_step.end(), std::int64_t{0});
}

std::vector<std::int64_t> Trace::last_tokens() const {
  std::vector<std::int64_t> last;
  std::int64_t fed = 0;
  for (const std::int64_t tokens : tokens_per_step) last.push_back((fed += tokens) - 1);
  return last;
}

std::vector<std::int64_t> Trace::kept(std::int64_t layer, std::int64_t kv_head,
                                      std::int64_t step) const {
  const std::int64_t last = last_tokens().at(step);
  const EvictionLog& head = evictions.at(layer).at(kv_head);
  std::vector<std::int64_t> positions;
  for (std::int64_t j = 0; j <= last; ++j) {
    if (head.evicted_after[j] > last) positions.push_back(j);
  }
  return positions;
}

Trace trace_of(const DocumentRun& run, TraceHeader header) {
  if (run.evictions.empty()) {
    throw Error({"there is no eviction trace of this run", header.document,
                 "a protocol under which entries can leave", header.protocol,
                 "choose stream, chunked or prefill"});
  }
  return {std::move(header), run.tokens_per_step, run.evictions, true};
}

LayerEvictions evictions_of_layer(const Trace& trace, std::int64_t layer) {
  LayerEvictions evictions;
  std::int64_t ages = 0;
  for (const EvictionLog& head : trace.evictions.at(layer)) {
    for (std::size_t j = 0; j < head.evicted_after.size(); ++j) {
      if (head.evicted_after[j] == kNeverLeaves) continue;
      ++evictions.entries;
      ages += head.evicted_after[j] - static_cast<std::int64_t>(j);  // 0: only its own query saw it
    }
  }
  evictions.mean_age_tokens =
      evictions.entries == 0 ? std::numeric_limits<double>::quiet_NaN()
                             : static_cast<double>(ages) / static_cast<double>(evictions.entries);
  return evictions;
}

std::vector<PositionRange> ranges_of(const std::vector<std::int64_t>& positions) {
  std::vector<PositionRange> ranges;
  for (const std::int64_t position : positions) {
    if (ranges.empty() || ranges.back().second + 1 != position) {
      ranges.emplace_back(position, position);
    }
    ranges.back().second = position;
  }
  return ranges;
}

std::string ranges_text(const std::vector<PositionRange>& ranges) {
  std::string text;
  for (const auto& [first, last] : ranges) {
    text += (text.empty() ? "" : ", ") + std::to_string(first);
    if (last != first) text += "-" + std::to_string(last);
  }
  return text.empty() ? "none" : text;
}

}  // namespace pressroom
