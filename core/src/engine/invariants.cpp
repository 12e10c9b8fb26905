#include "engine/invariants.h"

#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

[[noreturn]] void violated(const std::string& invariant, const std::string& where,
                           const std::string& expected, const std::string& got) {
  throw Error({"invariant violated: " + invariant, where, expected, got,
               "the result cannot be trusted; please report it with the config"});
}

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
            "I4 positions strictly ascending",
            id + ", layer " + std::to_string(layer) + ", kv head " + std::to_string(head),
            "positions above " + std::to_string(previous) + " and below " + std::to_string(tokens),
            std::to_string(position));
      }
    }
  }
}

}  // namespace

void check_invariants(const DocumentRun& run, const StreamSettings& settings,
                      const TokenDocument& document) {
  const auto tokens = static_cast<std::int64_t>(document.ids.size());
  const bool uniform = settings.plan.ranking != Ranking::kKeep;
  const std::int64_t allowed = settings.budget_tokens + settings.plan.interval - 1;
  if (uniform && settings.plan.ranking != Ranking::kNone && run.peak_entries_per_head > allowed) {
    violated("I3 kept <= budget", document.id, "at most " + std::to_string(allowed) + " entries",
             std::to_string(run.peak_entries_per_head));
  }
  check_positions(run, tokens, document.id);
  if (static_cast<std::int64_t>(run.targets.size()) != tokens - 1 ||
      run.nll_nats.size() != run.targets.size()) {
    violated("I6 all targets scored", document.id, std::to_string(tokens - 1) + " targets",
             std::to_string(run.nll_nats.size()));
  }
  for (std::size_t i = 0; i < run.nll_nats.size(); ++i) {
    if (std::isfinite(run.nll_nats[i])) continue;
    violated("I10 nll finite", document.id + ", target " + std::to_string(run.targets[i]),
             "a finite number", std::to_string(run.nll_nats[i]));
  }
}

}  // namespace pressroom
