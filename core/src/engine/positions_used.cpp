#include "engine/positions_used.h"

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {

std::int64_t most_entries(const RunSettings& settings, std::int64_t tokens) {
  const Protocol& protocol = settings.protocol;
  const bool is_evicted =
      settings.plan.ranking != Ranking::kNone &&
      (protocol.kind == ProtocolKind::kStream || protocol.kind == ProtocolKind::kChunked);
  // A prefill is held whole before it is compressed, and what is fed after it may stay.
  if (!is_evicted) return tokens;
  const std::int64_t width = std::max<std::int64_t>(protocol.chunk_size, 1);
  return std::min(settings.budget_tokens + settings.plan.interval + width - 1, tokens);
}

std::int64_t positions_used(const RunSettings& settings, std::int64_t tokens) {
  if (settings.protocol.kind == ProtocolKind::kWindow) {
    return std::min(settings.protocol.window, tokens);
  }
  return settings.positions == Positions::kCacheIndex ? most_entries(settings, tokens) : tokens;
}

void check_positions(const ModelFacts& model, const RunSettings& settings, std::int64_t tokens,
                     bool is_allowed, const std::string& what) {
  const std::int64_t used = positions_used(settings, tokens);
  if (is_allowed || used <= model.max_positions) return;
  throw Error({"the run goes beyond the positions the model was made for", what,
               "at most " + std::to_string(model.max_positions) + " positions",
               std::to_string(used),
               "shorten the document, or allow it by beyond_positions: what a model says there, "
               "dense most of all, means little"});
}

}  // namespace pressroom
