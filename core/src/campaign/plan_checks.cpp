#include "campaign/plan_checks.h"

#include <algorithm>
#include <climits>

#include "config/study_outputs.h"
#include "protocol/plan_facts.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostNameBytes = NAME_MAX;

// Letters that a file of a cell has behind the cell's stem while it is written: that of its result,
// or the trace of its last document.
std::size_t suffix_of(const CampaignConfig& config) {
  const std::string result = ".json.partial";
  const std::string trace = "." + std::to_string(config.protocol.documents - 1) + ".trace.partial";
  return config.traces ? std::max(result.size(), trace.size()) : result.size();
}

std::int64_t protected_entries(const EvictionPlan& plan) {
  return plan.sinks + std::max<std::int64_t>(plan.recents, 1);
}

}  // namespace

std::string label_of_cells(const std::string& label) {
  constexpr std::size_t kShown = 60;
  return label.size() <= kMostNameBytes ? label : label.substr(0, kShown) + "...";
}

PlanChecks::PlanChecks(const CampaignConfig& config, const KeysThatHelp& keys)
    : config_(config), keys_(keys), longest_suffix_(suffix_of(config)) {}

void PlanChecks::add(const PlannedCell& planned, const Error& error) {
  for (const Problem& problem : error.problems()) problems_.add(planned.cell, problem);
}

void PlanChecks::check(const PlannedCell& planned) {
  check_name(planned);
  std::optional<Refusal> refusal = refusal_of(terms_of(planned, config_));
  if (!refusal) return;
  std::string& fix = refusal->problems.front().fix;
  if (refusal->reason == Refusal::Reason::kBudget) {
    const std::int64_t now = protected_entries(planned.plan);
    fix += keys_words(planned, ": ",
                      [&](const EvictionPlan& plan) { return protected_entries(plan) < now; });
  }
  if (refusal->reason == Refusal::Reason::kRepeatsDense) {
    // What the budget will be is not known yet.
    if (planned.awaits_calibration) return;
    fix += keys_words(planned, ", or ", [&](const EvictionPlan& plan) {
      PlannedCell changed = planned;
      changed.plan = plan;
      const std::optional<Refusal> still = refusal_of(terms_of(changed, config_));
      return evicts(plan) && !(still && still->reason == Refusal::Reason::kRepeatsDense);
    });
  }
  for (const Problem& problem : refusal->problems) problems_.add(planned.cell, problem);
}

void PlanChecks::check_name(const PlannedCell& planned) {
  check_name_of_study(planned);
  const Cell& cell = planned.cell;
  const std::size_t added = cell.file_stem().size() - cell.method.size() + longest_suffix_;
  if (config_.methods[planned.method].label.size() + added <= kMostNameBytes) return;
  std::size_t& most = long_labels_[planned.method];
  most = std::max(most, added);
}

void PlanChecks::check_name_of_study(const PlannedCell& planned) {
  const std::size_t bytes = study_name_bytes(config_.outputs, config_.model, planned.cell.dataset,
                                             config_.methods[planned.method].label);
  if (bytes <= kMostNameBytes) return;
  problems_.add(planned.cell,
                {"the names of a study's files would be too long",
                 planned.cell.method + " on " + planned.cell.dataset,
                 "at most " + std::to_string(kMostNameBytes) + " bytes",
                 "up to " + std::to_string(bytes) + " bytes",
                 "give the dataset and the method labels, \"as\", that are shorter by " +
                     std::to_string(bytes - kMostNameBytes) + " together"});
}

std::vector<Problem> PlanChecks::found() const {
  std::vector<Problem> problems = problems_.merged();
  for (const auto& [method, added] : long_labels_) {
    const std::string& label = config_.methods[method].label;
    problems.push_back({"the label of a method is too long for the names of its files",
                        label_of_cells(label),
                        "at most " + std::to_string(kMostNameBytes - added) +
                            " letters: the names of its files add up to " + std::to_string(added) +
                            ", for sparsity, context, seed and ending, and may have " +
                            std::to_string(kMostNameBytes),
                        std::to_string(label.size()), "give it a shorter one, \"as\""});
  }
  return problems;
}

// "lower \"n_sink\", \"recent\" or \"inner.window_size\"", behind `before`
std::string PlanChecks::keys_words(const PlannedCell& planned, const std::string& before,
                                   const std::function<bool(const EvictionPlan&)>& helps) {
  if (!keys_) return "";
  const Cell& cell = planned.cell;
  const auto [known, is_new] =
      known_keys_.try_emplace({planned.method, cell.budget_tokens, cell.context_tokens});
  if (!is_new) return known->second;
  std::string listed;
  const std::vector<std::string> keys = keys_(planned.method, cell.budget_tokens, helps);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    listed += (i == 0 ? "" : i + 1 == keys.size() ? " or " : ", ") + ('"' + keys[i] + '"');
  }
  if (!listed.empty()) known->second = before + "lower " + listed;
  return known->second;
}

}  // namespace pressroom
