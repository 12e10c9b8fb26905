#include "campaign/plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/number_text.h"
#include "campaign/plan_checks.h"
#include "engine/eviction/eviction.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

struct Budget {
  double sparsity = 0;
  std::int64_t tokens = 0;
};

// Budgets of a context of which `context_tokens` are compressed.
std::vector<Budget> budgets_of(const CampaignConfig& config, std::int64_t context_tokens) {
  std::vector<Budget> budgets;
  for (const double sparsity : config.sparsity) {
    budgets.push_back({sparsity, budget_from_sparsity(context_tokens, sparsity)});
  }
  // Budgets that no window of this context can fill are one and the same cell.
  bool whole_context = false;
  for (const std::int64_t tokens : config.budget) {
    const std::int64_t held = std::min(tokens, context_tokens);
    if (held == context_tokens && std::exchange(whole_context, true)) continue;
    const double removed = 1.0 - static_cast<double>(held) / static_cast<double>(context_tokens);
    // A name for the cell: six places tell budgets of a million tokens apart.
    budgets.push_back({std::round(removed * 1e6) / 1e6, held});
  }
  return budgets;
}

// Result files of one directory, and about a gigabyte of plan.
constexpr double kMostCells = 1e6;

void check_count(const CampaignConfig& config) {
  const auto amounts = static_cast<double>(
      std::max({config.sparsity.size(), config.budget.size(), static_cast<std::size_t>(1)}));
  const double cells = amounts * static_cast<double>(config.datasets.size()) *
                       static_cast<double>(config.protocol.context.size()) *
                       static_cast<double>(config.seeds.size()) *
                       static_cast<double>(config.methods.size());
  if (cells <= kMostCells) return;
  throw Error({"the campaign has too many cells", "",
               "at most 1000000 of datasets x contexts x seeds x methods x sparsities",
               std::to_string(config.datasets.size()) + " x " +
                   std::to_string(config.protocol.context.size()) + " x " +
                   std::to_string(config.seeds.size()) + " x " +
                   std::to_string(config.methods.size()) + " x " + fixed(amounts, 0),
               "shorten the longest list, or make several campaigns of it"});
}

// What a method is to hold in the cells of a context: `calibrated` under `match`, once it is known.
std::vector<Budget> budgets_for(const CampaignConfig& config, const CalibratedGroup* calibrated,
                                const PluginUse& use, const EvictionPlan& plan,
                                std::int64_t context) {
  if (!takes_budget(plan)) {
    const bool is_measured = calibrated != nullptr && use.label == config.match->to;
    return {{is_measured ? calibrated->sparsity() : 0, context}};
  }
  const std::int64_t compressed = config.protocol.how.under(use.server).compressed_tokens(context);
  if (!config.match) return budgets_of(config, compressed);
  if (calibrated == nullptr) return {{0, compressed}};
  const CalibratedMethod* found = calibrated->method(use.label);
  PRESSROOM_ASSERT(found != nullptr);
  return {{calibrated->sparsity(), found->budget_tokens}};
}

// Whether other methods can be matched to the one that the config names.
void check_target(const CampaignConfig& config, const std::vector<std::unique_ptr<Method>>& methods,
                  std::vector<Problem>& problems) {
  const std::string place = "match.to: " + config.match->to;
  const char* expected = "a method that decides by itself how much it keeps, such as dms";
  for (std::size_t i = 0; i < methods.size(); ++i) {
    if (config.methods[i].label != config.match->to) continue;
    const EvictionPlan plan =
        checked_plan(*methods[i], config.protocol.context.front(), config.methods[i].name);
    if (takes_budget(plan)) {
      problems.push_back({"a method that takes a budget cannot be matched to", place, expected,
                          config.methods[i].name,
                          "name another one, or give \"sparsity\" in place of \"match\""});
    } else if (plan.ranking == Ranking::kNone) {
      problems.push_back({"a method that keeps all entries cannot be matched to", place, expected,
                          config.methods[i].name, "name another one"});
    }
    return;
  }
  problems.push_back({"no method of the campaign is matched to", place, "the label of one of them",
                      config.match->to, "check the label"});
}

// Indices of the methods, those that evict nothing first.
std::vector<std::size_t> baseline_first(const CampaignConfig& config,
                                        const std::vector<std::unique_ptr<Method>>& methods,
                                        std::int64_t context_tokens) {
  std::vector<std::size_t> order(methods.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_partition(order.begin(), order.end(), [&](std::size_t method) {
    const std::string& name = config.methods[method].name;
    return !evicts(checked_plan(*methods[method], context_tokens, name));
  });
  return order;
}

}  // namespace

RunTerms terms_of(const PluginUse& use, KvDtype kv_dtype) {
  RunTerms terms;
  terms.name = terms.where = use.name;
  terms.settings.method = "method \"" + use.name + '"';
  terms.settings.kv_dtype = use.kv_dtype.value_or(kv_dtype);
  terms.settings.protocol = terms.settings.protocol.under(use.server);
  return terms;
}

void refuse_constraints(const PluginUse& use, const std::string& run) {
  if (!use.server.any()) return;
  throw Error({run + " knows no constraints of servers", use.label,
               "a method without " + use.server.settings().front().first, use.server.text(),
               "leave them out; score, run and bench replay measure what they cost"});
}

Protocol protocol_of(const PlannedCell& planned, const CampaignConfig& config) {
  return config.protocol.how.under(config.methods[planned.method].server);
}

RunTerms terms_of(const PlannedCell& planned, const CampaignConfig& config) {
  RunTerms terms;
  terms.name = config.methods[planned.method].name;
  terms.where = planned.cell.file_stem();
  terms.context_tokens = planned.cell.context_tokens;
  terms.engine = planned.engine;
  terms.settings.protocol = protocol_of(planned, config);
  terms.settings.plan = planned.plan;
  terms.settings.budget_tokens = terms.settings.protocol.server.in_whole_pages(
      planned.cell.budget_tokens,
      terms.settings.protocol.tokens_under_budget(planned.cell.context_tokens));
  const bool by_share = !planned.cell.by_budget && !config.match;
  if (by_share && terms.settings.protocol.kind == ProtocolKind::kQuestions) {
    terms.settings.sparsity = planned.cell.sparsity;
  }
  terms.settings.positions = planned.cell.positions;
  terms.settings.kv_dtype = parse_kv_dtype(planned.cell.kv_dtype);
  terms.settings.random = RandomKey(planned.cell.seed);
  terms.settings.method = "method \"" + planned.cell.method + '"';
  return terms;
}

std::string result_folder(const PlannedCell& planned, const CampaignConfig& config) {
  return config.datasets.size() > 1 ? planned.cell.dataset : "";
}

std::string result_file(const PlannedCell& planned, const CampaignConfig& config) {
  return cell_file_in({}, planned.cell, result_folder(planned, config)).string();
}

std::int64_t budget_as_asked(std::optional<std::int64_t> budget_tokens,
                             std::optional<double> sparsity, std::int64_t compressed_tokens,
                             const std::string& method) {
  if (budget_tokens.has_value() == sparsity.has_value()) {
    throw Error({"a method that evicts needs a budget", method,
                 "--budget in entries or --sparsity in [0, 1), not both",
                 sparsity ? "both" : "neither", ""});
  }
  return budget_tokens ? *budget_tokens : budget_from_sparsity(compressed_tokens, *sparsity);
}

std::int64_t total_tokens(const std::vector<PlannedCell>& cells, std::int64_t documents) {
  std::int64_t total = 0;
  for (const PlannedCell& planned : cells) {
    std::int64_t tokens = 0;
    if (!__builtin_mul_overflow(planned.cell.context_tokens, documents, &tokens) &&
        !__builtin_add_overflow(total, tokens, &total)) {
      continue;
    }
    throw Error({"the campaign has more tokens than can be counted", "",
                 "fewer than 2^63 tokens in all cells",
                 std::to_string(documents) + " documents of " +
                     std::to_string(planned.cell.context_tokens) + " tokens in a cell, " +
                     std::to_string(cells.size()) + " cells",
                 "lower protocol.documents or protocol.context"});
  }
  return total;
}

std::vector<PlannedCell> plan_cells(const CampaignConfig& config,
                                    const std::vector<std::unique_ptr<Method>>& methods,
                                    const Calibration* calibration, const KeysThatHelp& keys) {
  check_count(config);
  std::vector<PlannedCell> cells;
  std::vector<Problem> problems;
  if (config.match) check_target(config, methods, problems);
  PlanChecks checks(config, keys);
  const auto add = [&](PlannedCell planned, const PluginUse& use) {
    planned.cell.kv_dtype = to_string(use.kv_dtype.value_or(config.kv_dtype));
    planned.cell.constraints = use.server.text();
    RunTerms terms = terms_of(planned, config);
    plan_run(*methods[planned.method], use.positions ? use.positions : config.positions, terms);
    planned.plan = terms.settings.plan;
    planned.cell.positions = terms.settings.positions;
    planned.cell.protocol = config.protocol.how.text();
    try {
      planned.engine = choose_engine(config.engine, planned.plan, use.name);
    } catch (const Error& error) {
      checks.add(planned, error);
    }
    checks.check(planned);
    cells.push_back(std::move(planned));
  };
  for (std::size_t dataset = 0; dataset < config.datasets.size(); ++dataset) {
    for (const std::int64_t context : config.protocol.context) {
      const CalibratedGroup* calibrated =
          calibration == nullptr ? nullptr
                                 : calibration->group(config.datasets[dataset].label, context);
      for (const std::uint64_t seed : config.seeds) {
        for (const std::size_t method : baseline_first(config, methods, context)) {
          const PluginUse& use = config.methods[method];
          PlannedCell planned;
          planned.method = method;
          planned.dataset = dataset;
          planned.cell.method = label_of_cells(use.label);
          planned.cell.dataset = config.datasets[dataset].label;
          planned.cell.context_tokens = context;
          planned.cell.seed = seed;
          planned.cell.by_budget = !config.budget.empty();
          const EvictionPlan plan = checked_plan(*methods[method], context, use.name);
          planned.awaits_calibration = config.match && calibrated == nullptr && takes_budget(plan);
          for (const Budget& budget : budgets_for(config, calibrated, use, plan, context)) {
            planned.cell.sparsity = budget.sparsity;
            planned.cell.budget_tokens = budget.tokens;
            add(planned, use);
          }
        }
      }
    }
  }
  const std::vector<Problem> found = checks.found();
  problems.insert(problems.end(), found.begin(), found.end());
  if (!problems.empty()) throw Error(problems);
  return cells;
}

}  // namespace pressroom
