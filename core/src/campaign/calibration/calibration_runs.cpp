#include "campaign/calibration/calibration_runs.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "admission/bind_method.h"
#include "pressroom/error.h"

namespace pressroom {

CalibrationRuns::CalibrationRuns(const CalibrationParts& parts, std::uint64_t seed,
                                 std::vector<Window> windows)
    : parts_(parts), config_(parts.campaign.config), seed_(seed), windows_(std::move(windows)) {
  for (const Window& window : windows_) documents_.push_back(window.tokens);
}

HeldFractions CalibrationRuns::measure(const PlannedCell& planned, std::int64_t budget) const {
  RunTerms terms = terms_under(planned, budget);
  terms.where = where(planned);
  terms.settings.random = RandomKey(seed_);
  terms.settings.reading = reconstruction_of(terms.settings.plan, parts_.model.files);
  terms.settings.threads = parts_.threads;
  const ModelFacts& facts = parts_.model.description.facts;
  const AdmittedRun run(*parts_.campaign.methods[planned.method], std::move(terms),
                        limits_of(config_, facts));
  RunControl control;
  control.stop_requested = parts_.stop_requested;
  const std::vector<DocumentRun> runs = run.run(parts_.weights(), documents_, control).documents;
  std::int64_t kept = 0;
  std::int64_t seen = 0;
  double mean = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const auto& layer : runs[i].kept) {
      for (const auto& head : layer) kept += static_cast<std::int64_t>(head.size());
    }
    const std::vector<std::int64_t>& steps = runs[i].entries_per_step;
    mean += std::accumulate(steps.begin(), steps.end(), 0.0) / static_cast<double>(steps.size());
    seen += static_cast<std::int64_t>(documents_[i].ids.size()) * facts.layers * facts.kv_heads;
  }
  return {static_cast<double>(kept) / static_cast<double>(seen), mean / static_cast<double>(seen)};
}

MatchSearch CalibrationRuns::search_for(const PlannedCell& planned, double target,
                                        double tolerance) const {
  std::int64_t tokens = 0;
  for (const Window& window : windows_) {
    tokens += static_cast<std::int64_t>(window.tokens.ids.size());
  }
  const std::int64_t context = planned.cell.context_tokens;
  const std::int64_t compressed = config_.protocol.how.compressed_tokens(context);
  const bool grows = config_.protocol.how.continuation == Continuation::kGrow;
  MatchSearch search;
  search.target = target;
  search.tolerance = tolerance;
  search.least = least_budget(planned, compressed);
  search.most = compressed;
  search.tokens = static_cast<double>(tokens) / static_cast<double>(windows_.size());
  // What is fed after a prompt stays on top of the budget.
  search.guess = std::llround(target * search.tokens) - (grows ? context - compressed : 0);
  if (config_.match->by_mean()) {
    // A cache that fills up to its budget b and stays there holds b - b^2 / 2n of n on average.
    search.guess = std::llround((1 - std::sqrt(std::max(0.0, 1 - 2 * target))) * search.tokens);
  }
  return search;
}

std::string CalibrationRuns::key_of(PlannedCell planned) const {
  planned.cell.seed = seed_;
  CampaignConfig config = config_;
  config.metrics.clear();  // what is measured does not depend on them
  return content_key(planned, config, parts_.model.hashes, windows_,
                     parts_.campaign.methods[planned.method]->files(), parts_.host);
}

std::int64_t CalibrationRuns::least_budget(const PlannedCell& planned, std::int64_t most) const {
  const auto holds = [&](std::int64_t budget) {
    try {
      const std::optional<Refusal> refusal = refusal_of(terms_under(planned, budget));
      return !refusal || refusal->reason != Refusal::Reason::kBudget;
    } catch (const Error&) {
      return false;
    }
  };
  std::int64_t least = 1;
  while (least < most) {
    const std::int64_t middle = least + (most - least) / 2;
    if (holds(middle)) {
      most = middle;
    } else {
      least = middle + 1;
    }
  }
  return least;
}

RunTerms CalibrationRuns::terms_under(PlannedCell planned, std::int64_t budget) const {
  planned.cell.budget_tokens = budget;
  RunTerms terms = terms_of(planned, config_);
  plan_run(*parts_.campaign.methods[planned.method], planned.cell.positions, terms);
  return terms;
}

std::string CalibrationRuns::where(const PlannedCell& planned) const {
  return planned.cell.method + " on " + planned.cell.dataset + ", context " +
         std::to_string(planned.cell.context_tokens);
}

}  // namespace pressroom
