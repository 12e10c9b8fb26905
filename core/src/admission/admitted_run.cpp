#include "admission/admitted_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "admission/repeats_dense.h"
#include "engine/eviction/eviction.h"
#include "engine/invariants.h"
#include "engine/positions_used.h"

namespace pressroom {

void plan_run(const Method& method, std::optional<Positions> positions, RunTerms& terms) {
  RunSettings& settings = terms.settings;
  settings.plan = checked_plan(method, settings.budget_tokens, terms.name);
  settings.positions = positions.value_or(settings.plan.positions);
}

std::optional<Refusal> refusal_of(const RunTerms& terms) {
  const RunSettings& settings = terms.settings;
  Refusal::Reason reason = Refusal::Reason::kBudget;
  try {
    check_budget(settings.plan, settings.budget_tokens, terms.where);
    reason = Refusal::Reason::kSetting;
    check_setting(settings.plan, settings.protocol, settings.positions, terms.where);
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
