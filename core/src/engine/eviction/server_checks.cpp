#include "engine/eviction/server_checks.h"

#include <algorithm>

#include "base/strings.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

std::int64_t pages_for(std::int64_t tokens, std::int64_t page_tokens) {
  return (tokens + page_tokens - 1) / page_tokens;
}

// Entries at the beginning that never leave.
std::int64_t protected_first(const EvictionPlan& plan, const Protocol& protocol) {
  return std::max(plan.sinks, protocol.server.keep_prompt ? protocol.prefill_tokens : 0);
}

bool shares_out_budget(const EvictionPlan& plan) {
  return plan.scope == BudgetScope::kLayer || plan.scope == BudgetScope::kModel;
}

const char* shared_budget_text(const EvictionPlan& plan) {
  return plan.scope == BudgetScope::kLayer ? "a budget for the heads of a layer together"
                                           : "a budget for all heads of the model together";
}

void check_append_only(const EvictionPlan& plan, Positions positions, const std::string& method) {
  if (positions == Positions::kCacheIndex) {
    throw Error({"append_only: keys are turned again when entries before them leave", method,
                 "positions: original, where a key is written once", "cache_index",
                 "set positions: original for the method, or leave out append_only"});
  }
  if (plan.zeroes_channels) {
    throw Error({"append_only: the method sets channels of keys that are held to zero", method,
                 "a method that rewrites nothing", "a method that does",
                 "leave out append_only for it"});
  }
}

void check_keep_prompt(const EvictionPlan& plan, const std::string& method) {
  const char* fix = "leave out keep_prompt for it";
  const bool reads_twice = plan.needs.reconstruction != Reconstruction::kNone;
  if (reads_twice || plan.phases == Phases::kPrefill) {
    throw Error({"keep_prompt: the method evicts from the prompt alone", method,
                 "a method that evicts what is fed behind it", "nothing that may leave", fix});
  }
  // It would choose the prompt's entries, or others instead of them, out of a budget that is gone.
  if (plan.ranking == Ranking::kKeep && is_held_to_budget(plan)) {
    throw Error({"keep_prompt: the method shares out its budget itself", method,
                 "one that ranks entries, or is held to no budget",
                 "one that decides what stays and does not know of the prompt", fix});
  }
}

}  // namespace

std::int64_t least_entries(const EvictionPlan& plan, const Protocol& protocol) {
  const std::int64_t page = protocol.server.evict_in_blocks;
  const std::int64_t first = protected_first(plan, protocol);
  const std::int64_t last = std::max<std::int64_t>(plan.recents, 1);
  if (page == 1) return first + last;
  // The newest entries may begin a page, and those before them end others.
  return (pages_for(first, page) + 1 + pages_for(last - 1, page)) * page;
}

void check_server_budget(const EvictionPlan& plan, const Protocol& protocol,
                         std::int64_t budget_tokens, const std::string& method) {
  if (!protocol.server.changes_what_leaves() || !takes_budget(plan)) return;
  const std::int64_t least = least_entries(plan, protocol);
  if (budget_tokens >= least) return;
  const std::int64_t page = protocol.server.evict_in_blocks;
  std::string what =
      "sinks " + std::to_string(plan.sinks) + ", recent " + std::to_string(plan.recents);
  if (protocol.server.keep_prompt) {
    what += ", a prompt of " + std::to_string(protocol.prefill_tokens);
  }
  if (page > 1) what += ", in pages of " + std::to_string(page);
  throw Error({"the budget is smaller than what has to stay on such a server", method,
               "a budget of at least " + counted(least, "entry", "entries") + " (" + what + ")",
               counted(budget_tokens, "entry", "entries"),
               "raise the budget or lower the sparsity, or raise the context"});
}

void check_server_setting(const EvictionPlan& plan, const Protocol& protocol, Positions positions,
                          const std::string& method) {
  const ServerConstraints& server = protocol.server;
  if (!server.any() || !evicts(plan)) return;
  if (std::optional<Contradiction> contradiction = contradiction_in(protocol)) {
    contradiction->problem.where = method;
    throw Error(contradiction->problem);
  }
  if (server.heads_together && shares_out_budget(plan)) {
    throw Error({"heads: together: the method gives heads or layers budgets of their own", method,
                 "a method under which each head has the same budget", shared_budget_text(plan),
                 "leave out heads: together for it"});
  }
  if (server.evict_in_blocks > 1 && shares_out_budget(plan)) {
    throw Error({"evict_in_blocks: the method gives heads or layers budgets of their own", method,
                 "a method under which each head has the same budget, of whole pages",
                 shared_budget_text(plan), "leave out evict_in_blocks for it"});
  }
  if (server.append_only) check_append_only(plan, positions, method);
  if (server.keep_prompt) check_keep_prompt(plan, method);
}

}  // namespace pressroom
