#include "campaign/extension_count.h"

#include <algorithm>

#include "base/strings.h"

namespace pressroom {

ExtensionCount::ExtensionCount(const StoredPlan& before, const ResultsByKey& results)
    : results_(results) {
  for (const PlannedFile& planned : before.cells) {
    names_before_.insert(name_of_cell(planned.cell));
    if (!planned.content_key.empty()) keys_before_.insert(planned.content_key);
  }
}

void ExtensionCount::add(const Job& job, Extension& extension) {
  names_now_.insert(name_of_cell(job.planned->cell));
  if (job.planned->awaits_calibration) {
    ++extension.counts.awaiting;
    return;
  }
  keys_now_.insert(job.content_key);
  if (results_.has(job.content_key)) {
    ++extension.counts.reused;
  } else if (keys_before_.count(job.content_key) > 0) {
    ++extension.counts.waiting;  // under whatever name
  } else if (names_before_.count(name_of_cell(job.planned->cell)) == 0) {
    ++extension.counts.added;
  } else {
    ++extension.counts.again;
    methods_again_.insert(job.planned->cell.method);
  }
}

void ExtensionCount::finish(const StoredPlan& before, Extension& extension) const {
  // What matched cells are called is not known before their budgets are.
  if (extension.counts.awaiting == 0) {
    extension.counts.left = static_cast<std::size_t>(
        std::count_if(before.cells.begin(), before.cells.end(), [&](const PlannedFile& planned) {
          return names_now_.count(name_of_cell(planned.cell)) == 0 &&
                 keys_now_.count(planned.content_key) == 0;
        }));
  }
  if (!methods_again_.empty()) extension.reasons = reasons_in(extension.changes);
}

ExtensionCount::CellName ExtensionCount::name_of_cell(const Cell& cell) {
  return {cell.method, cell.sparsity, cell.dataset, cell.context_tokens, cell.seed};
}

// The changes that cells are run again for; then what the config does not say, as a plugin that was
// built anew.
std::vector<std::string> ExtensionCount::reasons_in(
    const std::vector<ConfigChange>& changes) const {
  std::vector<std::string> reasons;
  std::set<std::string> unexplained = methods_again_;
  for (const ConfigChange& change : changes) {
    if (!change.of_all && methods_again_.count(change.method) == 0) continue;
    reasons.push_back(change.text);
    unexplained.erase(change.method);
    if (change.of_all) unexplained.clear();
  }
  if (!unexplained.empty()) {
    reasons.push_back("files changed that these are made from: " + joined(unexplained));
  }
  return reasons;
}

}  // namespace pressroom
