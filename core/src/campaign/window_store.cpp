#include "campaign/window_store.h"

#include <algorithm>

namespace pressroom {

const std::vector<Window>* WindowStore::find(const PlannedCell& planned,
                                             std::vector<Problem>& problems) {
  const Cell& cell = planned.cell;
  const auto place = std::make_pair(planned.dataset, cell.context_tokens);
  if (unusable_.count(place) > 0) return nullptr;
  const auto group = std::make_tuple(planned.dataset, cell.context_tokens, cell.seed);
  const auto known = windows_.find(group);
  if (known != windows_.end()) return &known->second;
  try {
    std::vector<Window> windows =
        sample_windows(*datasets_[planned.dataset], tokenizer_, cell.context_tokens,
                       config_.protocol.documents, cell.seed);
    for (const Window& window : windows) {
      check_ids(window.tokens, vocabulary_, config_.protocol.how);
    }
    return &windows_.emplace(group, std::move(windows)).first->second;
  } catch (const Error& error) {
    unusable_.insert(place);
    for (Problem problem : error.problems()) {
      if (problem.where.empty()) problem.where = "dataset " + cell.dataset;
      // A file that cannot be read is so in all contexts, and for all datasets that read it.
      const auto is_same = [&](const Problem& other) { return other.text() == problem.text(); };
      if (std::any_of(problems.begin(), problems.end(), is_same)) continue;
      problems.push_back(std::move(problem));
    }
    return nullptr;
  }
}

}  // namespace pressroom
