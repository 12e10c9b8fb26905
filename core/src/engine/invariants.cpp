#include "engine/invariants.h"

#include <algorithm>
#include <cmath>

#include "engine/cache/violations.h"
#include "engine/question_branches.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

std::string place(const std::string& id, std::size_t layer, std::size_t head) {
  return id + ", layer " + std::to_string(layer) + ", kv head " + std::to_string(head);
}

// I2. That an entry leaves once only is asserted where it does (EvictionLog::leaves); here that it
// was there for its own query and left while the document ran.
void check_lifetimes(const EvictionLog& head, const std::string& where) {
  const auto tokens = static_cast<std::int64_t>(head.evicted_after.size());
  for (std::int64_t j = 0; j < tokens; ++j) {
    const std::int64_t last = head.evicted_after[j];
    if (last == kNeverLeaves || (last >= j && last < tokens)) continue;
    violated("I2 an entry lives from its own token on", where + ", position " + std::to_string(j),
             "its last query in " + std::to_string(j) + " .. " + std::to_string(tokens - 1),
             std::to_string(last));
  }
}

// I3. Sizes after each event against the budget of each head, each layer, or all of them: added up
// from the lifetimes, not from what the engine believes it holds. Between events a cache may be
// larger, by what was fed since.
void check_sizes(const std::vector<std::vector<EvictionLog>>& layers, const RunSettings& settings,
                 const Schedule& schedule, const std::string& id) {
  const BudgetScope scope = settings.plan.scope;
  if (!is_held_to_budget(settings.plan)) return;  // thresholds, and what never evicts
  std::vector<std::int64_t> held(schedule.steps.size(), 0);
  std::int64_t heads = 0;  // counted in `held`
  const auto check = [&](std::size_t layer, std::size_t head) {
    for (std::size_t step = 0; step < held.size(); ++step) {
      const std::int64_t allowed = settings.budget_tokens * heads;
      if (!schedule.steps[step].evicts || (held[step] >= 0 && held[step] <= allowed)) continue;
      violated(
          "I3 kept <= budget",
          place(id, layer, head) + ", after token " + std::to_string(schedule.steps[step].end - 1),
          "0 .. " + std::to_string(allowed) + " entries", std::to_string(held[step]));
    }
    held.assign(held.size(), 0);  // the next head, or layer, is counted from 0
    heads = 0;
  };
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (std::size_t head = 0; head < layers[layer].size(); ++head) {
      const std::vector<std::int64_t> sizes = layers[layer][head].sizes(schedule);
      for (std::size_t step = 0; step < sizes.size(); ++step) held[step] += sizes[step];
      ++heads;
      // Heads are counted until the scope of one budget ends, which is then as many times a head's.
      const bool ends_layer = head + 1 == layers[layer].size();
      const bool ends_model = ends_layer && layer + 1 == layers.size();
      const bool ends = scope == BudgetScope::kHead || (scope == BudgetScope::kLayer && ends_layer);
      if (ends || ends_model) check(layer, head);
    }
  }
}

// I4. Of the positions that metrics are given; those of a window have been moved into the document.
void check_positions(const DocumentRun& run, std::int64_t tokens, const std::string& id) {
  for (std::size_t layer = 0; layer < run.kept.size(); ++layer) {
    for (std::size_t head = 0; head < run.kept[layer].size(); ++head) {
      std::int64_t previous = -1;
      for (const std::int64_t position : run.kept[layer][head]) {
        if (position > previous && position < tokens) {
          previous = position;
          continue;
        }
        violated(
            "I4 positions strictly ascending", place(id, layer, head),
            "positions above " + std::to_string(previous) + " and below " + std::to_string(tokens),
            std::to_string(position));
      }
    }
  }
}

// A schedule is one pass over the document; under `window` and `questions` there are several, and
// each token is the target of at most one of them.
std::vector<std::int64_t> expected_targets(const Protocol& protocol, const EvictionPlan& plan,
                                           const TokenDocument& document) {
  const auto tokens = static_cast<std::int64_t>(document.ids.size());
  std::vector<std::int64_t> targets;
  if (protocol.kind == ProtocolKind::kQuestions) return targets_of(protocol, document);
  if (protocol.kind == ProtocolKind::kWindow) {
    for (const ScoredWindow& window : windows_of(protocol, tokens)) {
      for (std::int64_t t = window.first_target; t < window.end; ++t) targets.push_back(t);
    }
    return targets;
  }
  const Schedule schedule = schedule_of(protocol, plan, tokens);
  for (std::int64_t t = schedule.first_target; t < tokens; ++t) targets.push_back(t);
  return targets;
}

// I6 and I10.
void check_scores(const DocumentRun& run, const std::vector<std::int64_t>& expected,
                  const std::string& id) {
  if (run.targets != expected || run.nll_nats.size() != run.targets.size()) {
    violated("I6 the protocol's targets scored", id, std::to_string(expected.size()) + " targets",
             std::to_string(run.nll_nats.size()));
  }
  for (std::size_t i = 0; i < run.nll_nats.size(); ++i) {
    if (std::isfinite(run.nll_nats[i])) continue;
    violated("I10 nll finite", id + ", target " + std::to_string(run.targets[i]), "a finite number",
             std::to_string(run.nll_nats[i]));
  }
}

// I2, I3, I13 and check_held_on.
void check_evictions(const DocumentRun& run, const RunSettings& settings, const Schedule& schedule,
                     const std::string& id) {
  for (std::size_t layer = 0; layer < run.evictions.size(); ++layer) {
    for (std::size_t head = 0; head < run.evictions[layer].size(); ++head) {
      check_lifetimes(run.evictions[layer][head], place(id, layer, head));
    }
  }
  check_sizes(run.evictions, settings, schedule, id);
  check_held_on(run.evictions, settings.plan, schedule, id);
  check_leaving_together(run.evictions, settings.protocol, id);
}

}  // namespace

void check_held_on(const std::vector<std::vector<EvictionLog>>& evictions, const EvictionPlan& plan,
                   const Schedule& schedule, const std::string& document) {
  // A head that others outbid may go without: its layer still attends to something.
  const bool heads_compete = plan.scope == BudgetScope::kLayer || plan.scope == BudgetScope::kModel;
  for (std::size_t layer = 0; layer < evictions.size(); ++layer) {
    std::vector<std::int64_t> held(schedule.steps.size(), 0);
    for (std::size_t head = 0; head < evictions[layer].size(); ++head) {
      const std::vector<std::int64_t> sizes = evictions[layer][head].sizes(schedule);
      for (std::size_t step = 0; step < sizes.size(); ++step) held[step] += sizes[step];
      if (heads_compete && head + 1 < evictions[layer].size()) continue;  // a layer adds up first
      for (std::size_t step = 0; step < held.size(); ++step) {
        if (!schedule.steps[step].evicts || held[step] > 0) continue;
        const std::string where = heads_compete ? document + ", layer " + std::to_string(layer)
                                                : place(document, layer, head);
        throw Error(
            {"an eviction left a cache empty",
             where + ", after token " + std::to_string(schedule.steps[step].end - 1),
             std::string("at least one entry in ") +
                 (heads_compete ? "each layer" : "each KV head"),
             "none",
             "let the method keep more: a lower threshold, a wider window, or protected entries"});
      }
      held.assign(held.size(), 0);
    }
  }
}

void check_invariants(const DocumentRun& run, const RunSettings& settings,
                      const TokenDocument& document) {
  const auto tokens = static_cast<std::int64_t>(document.ids.size());
  const Protocol protocol = protocol_for(settings, document);
  // There is no one schedule for the questions of a document: each was looked at when it was run.
  if (protocol.kind != ProtocolKind::kQuestions) {
    check_evictions(run, settings, schedule_of(protocol, settings.plan, tokens), document.id);
  }
  check_positions(run, tokens, document.id);
  check_scores(run, expected_targets(protocol, settings.plan, document), document.id);
}

}  // namespace pressroom
