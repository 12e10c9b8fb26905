// A Llama forward pass with eviction in plain double precision, from the published formulas: layer
// by layer over the whole document, one row of attention at a time. Nothing here comes from the
// engine.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tiny_model.h"

namespace pressroom {

// One token in one KV head.
struct ReferenceEntry {
  std::int64_t position = 0;
  std::vector<double> key;  // before rotation
  std::vector<double> value;
  double attention = 0;  // probability summed over all queries so far and the group's query heads

  double key_norm() const;
};

using ReferenceEntries = std::vector<ReferenceEntry>;

// The index of the entry that leaves after a row of attention, or -1.
using ReferenceRule = std::function<std::int64_t(const ReferenceEntries& entries)>;

struct ReferenceRun {
  std::vector<double> nll_nats;                              // of ids[1:]
  std::vector<std::vector<std::vector<std::int64_t>>> kept;  // [layer][kv_head][...] positions
};

// Keys and queries are rotated by position in the document or, with `by_index`, by index among the
// entries present.
ReferenceRun reference_run(const TinyShape& shape, const TinyWeights& weights,
                           const std::vector<std::int64_t>& ids, const ReferenceRule& rule,
                           bool by_index);

// Every entry stays.
ReferenceRule keep_all();
// Keeps `sinks` first tokens and the newest, `budget` in all.
ReferenceRule keep_window(std::int64_t budget, std::int64_t sinks);
// Over `budget`, drops the least attention collected outside the sinks and the last `recents`.
ReferenceRule keep_attended(std::int64_t budget, std::int64_t sinks, std::int64_t recents);
// Over `budget`, drops the largest key outside the sinks and the last `recents`; of equals, the
// oldest.
ReferenceRule keep_small_keys(std::int64_t budget, std::int64_t sinks, std::int64_t recents);

}  // namespace pressroom
