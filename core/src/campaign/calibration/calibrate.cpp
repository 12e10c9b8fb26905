#include "campaign/calibration/calibrate.h"

#include <map>
#include <utility>

#include "base/number_text.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "campaign/calibration/calibration_runs.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Differs for other seeds: other campaign windows are spared then.
std::uint64_t calibration_seed(const std::vector<std::uint64_t>& seeds) {
  RandomKey key = RandomKey().with("calibration");
  for (const std::uint64_t seed : seeds) key = key.with(seed);
  return key.bits();
}

std::string percent(double fraction) { return fixed(100 * fraction, 2) + " %"; }

class Calibrator {
 public:
  Calibrator(const CalibrationParts& parts, const std::filesystem::path& file)
      : parts_(parts),
        config_(parts.campaign.config),
        match_(*config_.match),
        seed_(calibration_seed(config_.seeds)),
        store_(file, match_.to, match_.by) {}

  Calibration run() {
    tell_unmatched();
    Calibration found;
    found.to = match_.to;
    found.by = match_.by;
    for (std::size_t dataset = 0; dataset < config_.datasets.size(); ++dataset) {
      for (const std::int64_t context : config_.protocol.context) {
        found.groups.push_back(calibrate_group(dataset, context));
      }
    }
    if (!problems_.empty()) throw Error(problems_);
    store_.finish(found);
    return found;
  }

 private:
  // The methods of a group as the campaign planned them, once each.
  std::vector<PlannedCell> cells_of(std::size_t dataset, std::int64_t context) const {
    std::vector<PlannedCell> cells;
    for (const PlannedCell& planned : parts_.campaign.cells) {
      const Cell& cell = planned.cell;
      const bool is_ours = planned.dataset == dataset && cell.context_tokens == context;
      // Plans do not depend on the seed, and the windows here are drawn by another one anyway.
      if (is_ours && cell.seed == config_.seeds.front()) cells.push_back(planned);
    }
    return cells;
  }

  void tell_unmatched() const {
    for (const PlannedCell& planned : cells_of(0, config_.protocol.context.front())) {
      const bool is_matched = planned.awaits_calibration || planned.cell.method == match_.to;
      if (is_matched || !evicts(planned.plan)) continue;
      parts_.tell(planned.cell.method + " takes no budget: it runs as it is, not matched to " +
                  match_.to);
    }
  }

  CalibratedGroup calibrate_group(std::size_t dataset, std::int64_t context) {
    const std::vector<PlannedCell> cells = cells_of(dataset, context);
    const CalibrationRuns runs(parts_, seed_, windows_of(dataset, context));
    CalibratedGroup group;
    group.dataset = config_.datasets[dataset].label;
    group.context_tokens = context;
    for (const Window& window : runs.windows()) {
      group.windows.push_back({window.tokens.id, window.ids_sha256});
    }
    const CalibratedGroup known = store_.known(group.dataset, context);
    // First, wherever it stands in the config: the others are matched to what it held.
    for (const PlannedCell& planned : cells) {
      if (planned.cell.method == match_.to) measure_target(planned, runs, known, group);
    }
    for (const PlannedCell& planned : cells) {
      if (planned.awaits_calibration) match_method(planned, runs, known, group);
    }
    parts_.tell(summary(group));
    return group;
  }

  void measure_target(const PlannedCell& planned, const CalibrationRuns& runs,
                      const CalibratedGroup& known, CalibratedGroup& group) {
    group.content_key = runs.key_of(planned);
    if (match_.by_mean()) group.content_key = sha256_hex(group.content_key + match_.by);
    if (known.content_key == group.content_key) {
      group.kept = known.kept;
      group.held = known.held;
    } else {
      const HeldFractions measured = runs.measure(planned, planned.cell.budget_tokens);
      group.kept = measured.kept;
      if (match_.by_mean()) group.held = measured.mean;
      store_.keep(group);
    }
    if (group.sparsity() > 0) return;
    throw Error({"the method that sets the measure removes nothing",
                 runs.where(planned) + ", on " + std::to_string(runs.windows().size()) +
                     " windows to calibrate on",
                 "fewer entries at the end than were seen", percent(group.kept) + " kept",
                 "make it evict more: a higher threshold, a longer context"});
  }

  void match_method(const PlannedCell& planned, const CalibrationRuns& runs,
                    const CalibratedGroup& known, CalibratedGroup& group) {
    CalibratedMethod found;
    found.method = planned.cell.method;
    // A budget that was found for another target, or within another tolerance, is another one.
    found.content_key =
        sha256_hex(group.content_key + runs.key_of(planned) + exact(match_.tolerance));
    const CalibratedMethod* stored = known.method(found.method);
    if (stored != nullptr && stored->content_key == found.content_key) {
      group.methods.push_back(*stored);
      return;
    }
    std::map<std::int64_t, HeldFractions> measured;  // by budget
    const double target = match_.by_mean() ? group.held : group.kept;
    const MatchedBudget matched =
        match_budget(runs.search_for(planned, target, match_.tolerance), [&](std::int64_t budget) {
          const HeldFractions fractions = runs.measure(planned, budget);
          measured[budget] = fractions;
          return match_.by_mean() ? fractions.mean : fractions.kept;
        });
    if (!matched.in_reach) {
      const bool too_much = matched.kept > target;
      const char* const what =
          match_.by_mean() ? " of the window, on average" : " of the entries seen";
      problems_.push_back(
          {std::string(match_.by_mean() ? "the method cannot hold as "
                                        : "the method cannot keep as ") +
               (too_much ? "little" : "much") + " as " + match_.to,
           runs.where(planned), percent(target) + what + ", within " + percent(match_.tolerance),
           percent(matched.kept) + " under " + (too_much ? "the smallest" : "the largest") +
               " budget it can be given, " + counted(matched.budget_tokens, "entry", "entries"),
           too_much ? "protect less, or make " + match_.to + " keep more"
                    : "leave it out, or make " + match_.to + " keep less"});
      return;
    }
    found.budget_tokens = matched.budget_tokens;
    found.kept = measured.at(matched.budget_tokens).kept;
    if (match_.by_mean()) found.held = matched.kept;
    found.runs = matched.runs;
    group.methods.push_back(std::move(found));
    store_.keep(group);
  }

  std::vector<Window> windows_of(std::size_t dataset, std::int64_t context) {
    if (parts_.stop_requested()) throw Interrupted();
    std::vector<Problem> problems;
    std::vector<const std::vector<Window>*> used;
    PlannedCell planned;
    planned.dataset = dataset;
    planned.cell.dataset = config_.datasets[dataset].label;
    planned.cell.context_tokens = context;
    for (const std::uint64_t seed : config_.seeds) {
      planned.cell.seed = seed;
      used.push_back(parts_.windows.find(planned, problems));
      if (used.back() == nullptr) throw Error(problems);
    }
    std::vector<Window> windows = unused_windows(
        *parts_.campaign.datasets[dataset], *parts_.model.tokenizer, context, match_.documents,
        seed_, used, "dataset " + planned.cell.dataset + ", context " + std::to_string(context));
    for (const Window& window : windows) {
      check_ids(window.tokens, parts_.model.description.facts.vocabulary, config_.protocol.how);
    }
    return windows;
  }

  std::string summary(const CalibratedGroup& group) const {
    const bool by_mean = match_.by_mean();
    std::string text = group.dataset + ", context " + std::to_string(group.context_tokens) + ": " +
                       match_.to + (by_mean ? " holds on average " : " keeps ") +
                       percent(by_mean ? group.held : group.kept);
    for (const CalibratedMethod& method : group.methods) {
      text += ", " + method.method + " " + percent(by_mean ? method.held : method.kept) +
              " with a budget of " + std::to_string(method.budget_tokens);
    }
    return text;
  }

  const CalibrationParts& parts_;
  const CampaignConfig& config_;
  const MatchConfig& match_;
  std::uint64_t seed_;
  CalibrationStore store_;
  std::vector<Problem> problems_;
};

}  // namespace

Calibration calibrate(const CalibrationParts& parts, const std::filesystem::path& file) {
  return Calibrator(parts, file).run();
}

}  // namespace pressroom
