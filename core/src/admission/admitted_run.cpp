#include "admission/admitted_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/strings.h"
#include "engine/eviction/eviction.h"
#include "engine/eviction/server_checks.h"
#include "engine/invariants.h"
#include "engine/setup.h"
#include "protocol/protocol.h"

namespace pressroom {

std::optional<Problem> nothing_evicted(const EvictionPlan& plan, const Protocol& protocol,
                                       std::int64_t budget_tokens, std::int64_t tokens,
                                       const std::string& method) {
  const bool holds_all = takes_budget(plan) && budget_tokens >= tokens;
  if (!evicts(plan) || holds_all || eviction_is_seen(protocol, plan, budget_tokens, tokens)) {
    return std::nullopt;
  }
  const bool waits_for_hold = protocol.has_prompt() &&
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

void plan_run(const Method& method, std::optional<Positions> positions, RunTerms& terms) {
  RunSettings& settings = terms.settings;
  settings.budget_tokens = settings.protocol.server.in_whole_pages(
      settings.budget_tokens, settings.protocol.tokens_under_budget(terms.context_tokens));
  settings.plan = checked_plan(method, settings.budget_tokens, terms.name);
  settings.positions = positions.value_or(settings.plan.positions);
}

void plan_run(const Method& method, std::optional<Positions> positions,
              const std::function<std::int64_t()>& budget, RunTerms& terms) {
  // Only a plan says whether the method takes a budget, so it is asked for one with room for all.
  terms.settings.budget_tokens = terms.context_tokens;
  plan_run(method, positions, terms);
  if (!takes_budget(terms.settings.plan)) return;
  terms.settings.budget_tokens = budget();
  plan_run(method, positions, terms);
}

std::optional<Refusal> refusal_of(const RunTerms& terms) {
  const RunSettings& settings = terms.settings;
  Refusal::Reason reason = Refusal::Reason::kBudget;
  try {
    check_budget(settings.plan, settings.budget_tokens, terms.where);
    check_server_budget(settings.plan, settings.protocol, settings.budget_tokens, terms.where);
    reason = Refusal::Reason::kSetting;
    check_setting(settings.plan, settings.protocol, settings.positions, terms.where);
    check_server_setting(settings.plan, settings.protocol, settings.positions, terms.where);
  } catch (const Error& error) {
    return Refusal{reason, error.problems()};
  }
  if (auto problem = nothing_evicted(settings.plan, settings.protocol, settings.budget_tokens,
                                     terms.context_tokens, terms.where)) {
    return Refusal{Refusal::Reason::kRepeatsDense, {std::move(*problem)}};
  }
  return std::nullopt;
}

void check_limits(const RunTerms& terms, const ModelLimits& limits) {
  check_positions(limits.facts, terms.settings, terms.context_tokens, limits.beyond_positions,
                  terms.where, limits.allowed_by);
}

AdmittedRun::AdmittedRun(const Method& method, RunTerms terms, const ModelLimits& limits)
    : method_(method), terms_(std::move(terms)) {
  check_limits(terms_, limits);
  is_beyond_training_ =
      positions_used(terms_.settings, terms_.context_tokens) > limits.facts.max_positions;
}

CheckedRuns AdmittedRun::run(const Model& model, const std::vector<TokenDocument>& documents,
                             const RunControl& control) const {
  const auto begin = std::chrono::steady_clock::now();
  CheckedRuns runs;
  runs.documents =
      run_documents(terms_.engine, model, method_, terms_.settings, documents, control);
  runs.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    check_invariants(runs.documents[i], terms_.settings, documents[i]);
  }
  return runs;
}

std::optional<Problem> repeats_dense_in_fact(const RunTerms& terms, const CheckedRuns& runs) {
  const bool is_seen = std::any_of(runs.documents.begin(), runs.documents.end(), eviction_was_seen);
  return inert_in_fact(terms.settings.plan, terms.settings.budget_tokens, terms.context_tokens,
                       is_seen, terms.where);
}

}  // namespace pressroom
