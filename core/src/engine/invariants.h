// What must hold in every run, whatever the method. A violated invariant is an Error that names it
// and the place; the cell fails, nothing is averaged over it.
//
// Checked while a document runs: entries enter with ascending positions and only the newest can
// enter (no resurrection, causality of the cache), no score is NaN. Checked here when it
// has ended: sizes, positions, targets and nll.
#pragma once

#include "engine/stream.h"

namespace pressroom {

void check_invariants(const DocumentRun& run, const StreamSettings& settings,
                      const TokenDocument& document);

}  // namespace pressroom
