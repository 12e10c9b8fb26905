// What a cell has to pass beside the invariants of each of its runs (engine/invariants.h): it has
// to agree with the cells of the same windows, and its method has to do the same again.
//
//   if (may_draw(planned)) {
//     check_repeats({engine, model, method, control}, settings, document, run);
//   }
//   check_against(result, good_results_of_these_windows);
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "campaign/plan.h"
#include "engine/run.h"
#include "results/cell.h"

namespace pressroom {

// The invariant that holds between cells of the same windows: I1 (engine/invariants.h).
//
// Throws Error when `result`, which was run without an error, and one of `others` - good results of
// the same dataset, context, seed and protocol - cannot both be right: the budgets of both hold
// every token, and the mean nll of a document differs by more than 1e-4 nats.
void check_against(const CellResult& result, const std::vector<CellResult>& others);

// Whether the cell's policies decide what leaves and something has to leave, so that a run of it
// shows whether they repeat themselves.
bool may_draw(const PlannedCell& planned);

// What a window was run with; borrowed.
struct WindowRun {
  Engine engine = Engine::kReplay;
  const Model& model;
  const Method& method;
  const RunControl& control;  // its on_tokens is not called: the tokens are fed a second time
};

// Whether a method does the same again. One that draws from a generator of the process - rand(),
// std::random_device, libtorch's own - gives another result at every run, and no result of it can
// be had a second time.
//
// Throws Error, with the first layer, step and head that differ, unless `document` run once more
// loses the same entries at the same steps as in `first` and, where keys lose channels, has the
// same nll.
void check_repeats(const WindowRun& window, const RunSettings& settings,
                   const TokenDocument& document, const DocumentRun& first);

// The hashes (method_sha256) of the methods that `events`, an events.jsonl, says have repeated a
// window; none where there is no such file. A line that was torn is passed over.
std::set<std::string> repeated_methods(const std::filesystem::path& events);

}  // namespace pressroom
