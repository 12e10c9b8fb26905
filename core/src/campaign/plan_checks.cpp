#include "campaign/plan_checks.h"

#include <algorithm>
#include <climits>
#include <memory>
#include <utility>

#include "config/schema.h"
#include "engine/eviction/eviction.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"
#include "results/stored_answers.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostProblems = 100;

}  // namespace

bool PlanProblems::is_same(const Group& group, const Cell& cell, const Problem& problem) {
  const Problem& first = group.first;
  if (first.what != problem.what || first.fix != problem.fix) return false;
  if (first.expected == problem.expected) return true;
  const Cell& other = group.cells.front();
  if (other.method != cell.method) return false;
  return cell.by_budget ? other.budget_tokens == cell.budget_tokens
                        : other.sparsity == cell.sparsity;
}

void PlanProblems::add(const Cell& cell, const Problem& problem) {
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& candidate) {
    return is_same(candidate, cell, problem);
  });
  if (group == groups_.end()) {
    if (groups_.size() == kMostProblems) {
      ++left_out_;
      return;
    }
    group = groups_.insert(groups_.end(), Group());
    group->first = problem;
  }
  group->cells.push_back(cell);
  for (auto [text, texts] :
       {std::pair(&problem.expected, &group->expected), std::pair(&problem.got, &group->got)}) {
    const bool is_new = std::find(texts->begin(), texts->end(), *text) == texts->end();
    if (is_new && texts->size() <= kMostListed) texts->push_back(*text);
  }
}

std::vector<Problem> PlanProblems::merged() const {
  std::vector<Problem> problems;
  for (const Group& group : groups_) {
    Problem problem = group.first;
    if (group.cells.size() > 1) {
      problem.where = cells_in_words(group.cells);
      problem.expected = first_few(group.expected, "; ");
      problem.got = first_few(group.got, "; ");
    }
    problems.push_back(std::move(problem));
  }
  if (left_out_ > 0) {
    problems.push_back({"more is wrong with other methods and budgets", "", "",
                        std::to_string(left_out_) + " cells more", "fix what is listed first"});
  }
  return problems;
}

namespace {

constexpr std::size_t kMostNameBytes = NAME_MAX;

// Letters that a file of a cell has behind the cell's stem while it is written: that of its
// answers, or the trace of its last document.
std::size_t suffix_of(const CampaignConfig& config) {
  const std::string answers = std::string(kAnswersEnding) + ".partial";
  const std::string trace = "." + std::to_string(config.protocol.documents - 1) + ".trace.partial";
  return config.traces ? std::max(answers.size(), trace.size()) : answers.size();
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
    const std::int64_t now = least_entries(planned.plan);
    fix += keys_words(planned, ": ",
                      [&](const EvictionPlan& plan) { return least_entries(plan) < now; });
  }
  if (refusal->reason == Refusal::Reason::kRepeatsDense) {
    // What the budget will be is not known yet.
    if (planned.awaits_calibration) return;
    fix += keys_words(planned, ", or ", [&](const EvictionPlan& plan) {
      PlannedCell changed = planned;
      changed.plan = plan;
      const std::optional<Refusal> still = refusal_of(terms_of(changed, config_));
      return evicts(plan) && !still;
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
    problems.push_back(
        {"the label of a method is too long for the names of its files", label_of_cells(label),
         "at most " + std::to_string(kMostNameBytes - std::min(added, kMostNameBytes)) +
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

namespace {

// A use with one parameter, which `key` leads to, at a low value.
struct Variant {
  std::string key;
  PluginUse use;
};

// Lowest values that are worth trying: the least there is, and the least that is not nothing.
std::vector<ParameterValue> low_values(const ParameterSpec& spec) {
  const double least = spec.minimum.value_or(0);
  switch (spec.type) {
    case ParameterType::kInteger:
      return {static_cast<std::int64_t>(least), std::int64_t{1}};
    case ParameterType::kNumber:
      return {least};
    case ParameterType::kTokensOrFraction:
      return {TokensOrFraction{least}, TokensOrFraction{1}};
    default:
      return {};
  }
}

std::vector<Variant> variants_of(const PluginUse& use, PluginHost& host) {
  std::vector<Variant> variants;
  for (const ParameterSpec& spec : host.describe(PluginKind::kMethod, use.name).parameters) {
    for (ParameterValue& value : low_values(spec)) {
      Variant variant{spec.name, use};
      variant.use.values[spec.name] = std::move(value);
      variants.push_back(std::move(variant));
    }
    const auto inner = use.inner.find(spec.name);
    if (inner == use.inner.end()) continue;
    for (Variant& changed : variants_of(*inner->second, host)) {
      Variant variant{spec.name + "." + changed.key, use};
      variant.use.inner[spec.name] = std::make_shared<const PluginUse>(std::move(changed.use));
      variants.push_back(std::move(variant));
    }
  }
  return variants;
}

bool is_helped(const PluginUse& use, std::int64_t budget_tokens,
               const std::function<bool(const EvictionPlan&)>& helps, PluginHost& host) {
  try {
    const std::unique_ptr<Method> method = make_configured_method(use, host);
    return helps(checked_plan(*method, budget_tokens, use.name));
  } catch (const Error&) {
    return false;  // a value that does not go with the others is no way out
  }
}

}  // namespace

std::vector<std::string> helpful_keys(const PluginUse& use, std::int64_t budget_tokens,
                                      const std::function<bool(const EvictionPlan&)>& helps,
                                      PluginHost& host) {
  std::vector<std::string> keys;
  for (const Variant& variant : variants_of(use, host)) {
    if (!keys.empty() && keys.back() == variant.key) continue;
    if (is_helped(variant.use, budget_tokens, helps, host)) keys.push_back(variant.key);
  }
  return keys;
}

}  // namespace pressroom
