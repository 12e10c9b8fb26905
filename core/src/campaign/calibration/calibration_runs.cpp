#include "campaign/calibration/calibration_runs.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "admission/bind_method.h"
#include "pressroom/error.h"

namespace pressroom {

namespace {

std::vector<Window> sample(DatasetReader& reader, const Tokenizer& tokenizer,
                           std::int64_t context_tokens, std::int64_t count, std::uint64_t seed,
                           const std::string& where) {
  try {
    return sample_windows(reader, tokenizer, context_tokens, count, seed);
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      if (!problem.where.empty()) continue;
      problem.where = where;
      problem.fix += "; or lower match.documents";
    }
    throw Error(problems);
  }
}

}  // namespace

std::vector<Window> unused_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                   std::int64_t context_tokens, std::int64_t count,
                                   std::uint64_t seed,
                                   const std::vector<const std::vector<Window>*>& used,
                                   const std::string& where) {
  std::set<std::string> ids;
  std::set<std::string> contents;
  for (const std::vector<Window>* windows : used) {
    for (const Window& window : *windows) {
      ids.insert(window.tokens.id);
      contents.insert(window.ids_sha256);
    }
  }
  const auto spared = static_cast<std::int64_t>(ids.size());
  const std::string place = where + ": " + std::to_string(count) +
                            " windows to calibrate on beside the " + std::to_string(spared) +
                            " that the campaign scores";
  const auto is_used = [&](const Window& window) {
    return ids.count(window.tokens.id) > 0 || contents.count(window.ids_sha256) > 0;
  };
  // So many that enough are left whichever of them are used; more where there are copies.
  std::int64_t asked = count + spared;
  std::vector<Window> left;
  while (true) {
    left = sample(reader, tokenizer, context_tokens, asked, seed, place);
    left.erase(std::remove_if(left.begin(), left.end(), is_used), left.end());
    const std::int64_t missing = count - static_cast<std::int64_t>(left.size());
    if (missing <= 0) break;
    asked += missing;
  }
  const auto draw = [&](const Window& window) {
    return RandomKey(seed).with("calibration window").with(window.tokens.id).bits();
  };
  std::stable_sort(left.begin(), left.end(),
                   [&](const Window& a, const Window& b) { return draw(a) < draw(b); });
  left.resize(static_cast<std::size_t>(count));
  return left;
}

MatchedBudget match_budget(const MatchSearch& search,
                           const std::function<double(std::int64_t)>& measure) {
  constexpr std::int64_t kDirectSteps = 3;
  PRESSROOM_ASSERT(search.least <= search.most);
  const auto distance = [&](const MatchedBudget& point) {
    return std::abs(point.kept - search.target);
  };
  std::optional<MatchedBudget> below;
  std::optional<MatchedBudget> above;
  std::int64_t first = search.least;
  std::int64_t last = search.most;
  MatchedBudget point;
  point.budget_tokens = std::clamp(search.guess, first, last);
  while (true) {
    point.kept = measure(point.budget_tokens);
    ++point.runs;
    if (distance(point) <= search.tolerance) return point;
    if (point.kept < search.target) {
      below = point;
      first = point.budget_tokens + 1;
    } else {
      above = point;
      last = point.budget_tokens - 1;
    }
    if (first > last) break;
    const double step = std::round((search.target - point.kept) * search.tokens);
    const std::int64_t direct = point.budget_tokens + static_cast<std::int64_t>(step);
    point.budget_tokens =
        point.runs <= kDirectSteps ? std::clamp(direct, first, last) : first + (last - first) / 2;
  }
  MatchedBudget closest = point;
  if (below && above) closest = distance(*below) <= distance(*above) ? *below : *above;
  closest.runs = point.runs;
  closest.in_reach = below && above;
  return closest;
}

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
  const Protocol protocol = protocol_of(planned, config_);
  const std::int64_t compressed = protocol.compressed_tokens(context);
  const bool grows = protocol.continuation == Continuation::kGrow;
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
