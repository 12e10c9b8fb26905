// Evictions under the constraints of a server: what leaves together is ranked together.

#include <algorithm>
#include <utility>

#include "engine/eviction/eviction.h"
#include "engine/eviction/layer_eviction.h"
#include "engine/eviction/pages.h"
#include "pressroom/error.h"

namespace pressroom {

void LayerEviction::evict_pooled(const Groups& groups, std::vector<std::vector<float>> scores,
                                 bool are_choices) {
  std::vector<Members> pools;
  for (const Group& group : groups) {
    // Heads that are held together drop the same: one pool, and one score for each entry.
    if (pools.empty() || !setup_.server.heads_together) pools.emplace_back();
    pools.back().insert(pools.back().end(), group.members.begin(), group.members.end());
  }
  if (setup_.server.heads_together) scores = {mean_over_heads(scores)};
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (scores[i].empty()) continue;  // within its budget, and not asked for
    const Member& first = pools[i].front();
    const std::vector<std::int32_t>& positions = first.state->heads()[first.index].positions();
    PageRule rule;
    rule.page_tokens = setup_.server.evict_in_blocks;
    rule.evictable = evictable(positions, setup_.first_evictable(), setup_.plan.recents);
    rule.next_position = first.state->last_position() + 1;
    // Where a keep decision alone says how much is held, no budget does.
    const bool is_bounded = !are_choices || is_held_to_budget(setup_.plan);
    rule.most_held =
        is_bounded ? setup_.budget_tokens : static_cast<std::int64_t>(positions.size());
    rule.drops_unwanted = are_choices;
    const LeavingEntries leaving =
        leaving_pages(positions, scores[i], rule, first.state->where(first.index));
    drop(pools[i], leaving.indices, leaving.ranks);
  }
}

}  // namespace pressroom
