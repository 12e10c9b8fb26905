#include "admission/repeats_dense.h"

#include <algorithm>

#include "base/counted.h"
#include "protocol/plan_facts.h"

namespace pressroom {

std::optional<Problem> nothing_evicted(const EvictionPlan& plan, const Protocol& protocol,
                                       std::int64_t budget_tokens, std::int64_t tokens,
                                       const std::string& method) {
  const bool holds_all = takes_budget(plan) && budget_tokens >= tokens;
  if (!evicts(plan) || holds_all || eviction_is_seen(protocol, plan, budget_tokens, tokens)) {
    return std::nullopt;
  }
  const bool waits_for_hold = protocol.kind == ProtocolKind::kPrefill &&
                              protocol.continuation == Continuation::kGrow &&
                              plan.phases == Phases::kDecoding;
  return Problem{"nothing could be evicted before the last scored token", method,
                 "under " + protocol.text() + " a budget that is exceeded before token " +
                     std::to_string(tokens - 2) + " of " + std::to_string(tokens) + " is fed",
                 counted(budget_tokens, "entry", "entries"),
                 waits_for_hold ? "such a run would only repeat dense: the method acts behind the "
                                  "prompt alone, so set continuation: hold in the protocol"
                                : "such a run would only repeat dense: raise the sparsity or the "
                                  "context"};
}

bool eviction_was_seen(const DocumentRun& run) {
  for (const auto& layer : run.evictions) {
    for (const EvictionLog& head : layer) {
      // Token N - 1 is predicted by token N - 2, which misses what token N - 3 was the last to see.
      const auto last = static_cast<std::int64_t>(head.evicted_after.size()) - 3;
      const auto is_early = [&](std::int32_t token) { return token <= last; };
      if (std::any_of(head.evicted_after.begin(), head.evicted_after.end(), is_early)) return true;
    }
  }
  return false;
}

std::optional<Problem> inert_in_fact(const EvictionPlan& plan, std::int64_t budget_tokens,
                                     std::int64_t tokens, bool is_seen, const std::string& method) {
  // Channels that are zeroed change what is read though nothing leaves.
  const bool evicts = plan.ranking != Ranking::kNone && !plan.zeroes_channels;
  const bool holds_all = takes_budget(plan) && budget_tokens >= tokens;
  if (!evicts || is_seen || holds_all) return std::nullopt;
  return Problem{"nothing was evicted before the last scored token", method,
                 "an entry that leaves before token " + std::to_string(tokens - 2) + " of " +
                     std::to_string(tokens) + " is fed",
                 "none left",
                 "let the method evict more - a higher threshold, a smaller size, a longer context "
                 "- or leave it out; such a row would only repeat dense"};
}

}  // namespace pressroom
