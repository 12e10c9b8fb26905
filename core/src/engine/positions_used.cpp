#include "engine/positions_used.h"

#include <algorithm>

#include "pressroom/error.h"
#include "protocol/plan_facts.h"

namespace pressroom {

std::int64_t most_entries(const RunSettings& settings, std::int64_t tokens) {
  const Protocol& protocol = settings.protocol;
  const bool is_even =
      is_held_to_budget(settings.plan) && settings.plan.scope == BudgetScope::kHead;
  const bool is_evicted = is_even && (protocol.kind == ProtocolKind::kStream ||
                                      protocol.kind == ProtocolKind::kChunked);
  // Heads with budgets of their own may hold all, and a prefill is held whole before it is
  // compressed, and what is fed after it may stay.
  if (!is_evicted) return tokens;
  const std::int64_t width = std::max<std::int64_t>(protocol.chunk_size, 1);
  return std::min(settings.budget_tokens + settings.plan.interval + width - 1, tokens);
}

std::int64_t positions_used(const RunSettings& settings, std::int64_t tokens) {
  if (settings.protocol.kind == ProtocolKind::kWindow) {
    return std::min(settings.protocol.window, tokens);
  }
  const std::int64_t used =
      settings.positions == Positions::kCacheIndex ? most_entries(settings, tokens) : tokens;
  if (settings.plan.needs.reconstruction == Reconstruction::kNone) return used;
  // The second reading goes on where the prompt ends.
  const std::int64_t prompt = settings.protocol.compressed_tokens(tokens);
  return std::max(used, prompt + static_cast<std::int64_t>(settings.reading.between.size()) +
                            std::min(prompt, settings.reading.chunk_tokens));
}

void check_positions(const ModelFacts& model, const RunSettings& settings, std::int64_t tokens,
                     bool is_allowed, const std::string& what, const std::string& key) {
  const std::int64_t used = positions_used(settings, tokens);
  if (is_allowed || used <= model.max_positions) return;
  throw Error({"the run goes beyond the positions the model was made for", what,
               "at most " + std::to_string(model.max_positions) + " positions",
               std::to_string(used),
               "shorten the document, or allow it by " + key +
                   ": what a model says there, dense most of all, means little"});
}

}  // namespace pressroom
