// What must hold in every run, whatever the method. A violated invariant is an Error that names it
// and the place; the cell fails, nothing is averaged over it.
//
//   I1   a budget of the document's length gives what dense gives
//   I2   no resurrection: an entry enters once, and leaves at most once, after its own query
//   I3   0 <= kept <= min(seen, budget) after each eviction
//   I4   positions held are ascending and were fed
//   I5   causality: what enters later changes nothing (engine/replay_layer.h)
//   I6   exactly the protocol's targets are scored
//   I7   what evicts differs from dense, and methods that keep other entries differ
//   I8   documents do not see each other: each has policies and caches of its own
//   I9   sizes are measured, never taken from the config
//   I10  nll finite, scores never NaN
//   I11  the attention of a query adds up to 1 (engine/cache/violations.h)
//   I12  what fails is said; nothing is averaged over the rest
//   I13  what a server holds together leaves together (protocol/server_constraints.h)
//
// I2 is also asserted where entries enter (engine/cache/head_cache.h), NaN scores are refused where
// they are ranked (engine/eviction/eviction.h); I1 compares cells (campaign/cell_checks.h), and
// so does I7, which a comparison reports as suspect (stats/comparison.h). I8 and I9 hold by
// construction.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/run.h"

namespace pressroom {

// I2, I3, I4, I6, I10 and I13 of a document that has been run, and check_held_on.
void check_invariants(const DocumentRun& run, const RunSettings& settings,
                      const TokenDocument& document);

// Throws Error where an eviction of `settings.plan` left a KV head without any entry; where the
// heads of a layer share out a budget, a layer (least_entries, pressroom/method.h). A method's own
// doing, such as a threshold above all scores. `evictions` [layer][kv_head].
void check_held_on(const std::vector<std::vector<EvictionLog>>& evictions, const EvictionPlan& plan,
                   const Schedule& schedule, const std::string& document);

// I13: throws Error unless pages left whole, the prompt was kept, and the heads of a layer held the
// same, each where `protocol` says so.
void check_leaving_together(const std::vector<std::vector<EvictionLog>>& evictions,
                            const Protocol& protocol, const std::string& document);

}  // namespace pressroom
