#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "parallel/parallel_for.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"
#include "stats/groups_to_compare.h"
#include "stats/pairing.h"

namespace pressroom {
namespace {

// Fills in what the differences of `pairing` show: the tests of what `result` is judged by, and of
// the nll; over seeds; status and reason. What belongs to a family is left alone.
void evaluate(const Pairing& pairing, Comparison& result) {
  result.reason = pairing.incomplete;
  result.partial = pairing.partial;
  if (!pairing.incomplete.empty()) return;
  std::vector<double> differences;
  for (const PairedUnit& unit : pairing.units) differences.push_back(unit.difference);
  result.test = paired_test(differences);
  if (result.judge != Measure::kNll) result.nll_test = paired_test(pairing.nll);
  result.equal = pairing.equal();
  result.over_seeds = seed_tests(pairing.first_ppl, pairing.second_ppl);
  result.reason = result.test.no_test;
  result.status = result.test.deterministic ? ComparisonStatus::kDeterministic
                  : result.test.p           ? ComparisonStatus::kTested
                                            : ComparisonStatus::kTooFew;
}

// The same documents answer by answer, where the documents could be paired.
void evaluate_questions(const CellGroup& first, const CellGroup& second, Comparison& result) {
  if (result.status == ComparisonStatus::kIncomplete) return;
  result.questions = question_tests(first, second, result.judge.name);
}

class Comparer {
 public:
  Comparer(const std::vector<CellResult>& results, const CompareOptions& options)
      : options_(options), groups_(groups_to_compare(results, options, report_)) {
    report_.baseline = options.baseline;
    report_.margin = options.margin;
    report_.margins = options.margins;
    const std::string of =
        report_.measure ? report_.measure->name + ": " : std::string();  // each its own family
    const bool by_budget = std::any_of(groups_.begin(), groups_.end(),
                                       [](const CellGroup& group) { return group.by_budget; });
    report_.to_baseline.name = of + "all methods x " + (by_budget ? "budgets" : "sparsities") +
                               " x datasets x contexts against " + options.baseline +
                               ", this campaign";
    report_.pairwise.name = of + "all pairs of methods at equal " +
                            (by_budget ? "budget" : "sparsity") +
                            " x datasets x contexts, this campaign";
    std::set<std::string> datasets;
    std::set<std::int64_t> contexts;
    // Of the campaign, not of the metric: a comparison goes by one name, whatever it is of.
    for (const CellResult& result : results) {
      datasets.insert(result.cell.dataset);
      contexts.insert(result.cell.context_tokens);
    }
    for (const CellGroup& group : groups_) {
      signatures_.emplace(&group, nll_signature(group));
      const auto place = std::make_pair(group.dataset, group.context_tokens);
      if (judges_.count(place) == 0) {
        judges_.emplace(place, report_.measure
                                   ? *report_.measure
                                   : judge_of(groups_, group.dataset, group.context_tokens));
      }
    }
    several_datasets_ = datasets.size() > 1;
    several_contexts_ = contexts.size() > 1;
  }

  ComparisonReport run() {
    for (const CellGroup& group : groups_) {
      if (group.method != report_.baseline) compare_to_baseline(group);
    }
    if (!problems_.empty()) throw Error(problems_);
    // After that throw: windows that do not match the baseline's would be reported again by each
    // pair with a method whose windows do.
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      for (std::size_t j = i + 1; j < groups_.size(); ++j) compare_methods(groups_[i], groups_[j]);
    }
    if (!problems_.empty()) throw Error(problems_);
    adjust(report_.to_baseline, units_to_baseline_, options_.resamples);
    // No bootstrap: pairs grow with the square of the methods, and each would be resampled anew.
    adjust(report_.pairwise, units_pairwise_, 0);
    return std::move(report_);
  }

 private:
  static bool same_place(const CellGroup& a, const CellGroup& b) {
    return a.dataset == b.dataset && a.context_tokens == b.context_tokens;
  }

  void tell_no_baseline(const CellGroup& group, Comparison& result) const {
    const bool was_run = std::any_of(groups_.begin(), groups_.end(), [&](const CellGroup& other) {
      return other.method == report_.baseline && same_place(other, group);
    });
    result.reason = report_.baseline + " has no results";
    if (!was_run) return;
    result.status = ComparisonStatus::kNoCounterpart;
    result.reason = report_.baseline + " was run at several " +
                    (group.by_budget ? "budgets" : "sparsities") + " and not at " +
                    group.amount_text();
  }

  void compare_to_baseline(const CellGroup& group) {
    Comparison result = blank(report_.baseline, group);
    const CellGroup* baseline = baseline_of(group, groups_, report_.baseline);
    units_to_baseline_.emplace_back();
    if (baseline == nullptr) {
      tell_no_baseline(group, result);
    } else {
      const Pairing pairing = pair_documents(*baseline, group, options_.partial, result.judge);
      collect(pairing.problems);
      evaluate(pairing, result);
      evaluate_questions(*baseline, group, result);
      check_eviction(*baseline, group, pairing, result);
      if (has_numbers(result)) units_to_baseline_.back() = pairing.units;
    }
    report_.to_baseline.comparisons.push_back(std::move(result));
  }

  // Whether the cache can have lost anything, and whether that can be seen in the numbers.
  void check_eviction(const CellGroup& baseline, const CellGroup& group, const Pairing& pairing,
                      Comparison& result) {
    if (result.status == ComparisonStatus::kIncomplete) return;
    // Counts tell only against a baseline that evicts nothing: two that evict may keep the same
    // entries. The hashes of what was kept tell in both cases.
    const bool evicted = (counts_evictions(group) && !counts_evictions(baseline)) ||
                         (pairing.kept_known && pairing.kept_differs);
    if (evicted && pairing.same_nll) {
      result.status = ComparisonStatus::kSuspect;
      result.reason = "evicted but identical to " + report_.baseline;
      // Two such groups equal each other as well, which is not a second finding.
      unmoved_.insert(&group);
      find_fault({"entries were evicted and every nll is bit-equal to that of " + report_.baseline,
                  group.where(), "a difference in at least one document", "none",
                  "check that eviction reaches the cache before the last scored target"});
    } else if (!evicted && pairing.kept_known && group.sparsity > baseline.sparsity) {
      // Not at the baseline's own sparsity, where equal caches are what was asked for.
      result.status = ComparisonStatus::kNotExercised;
      result.reason = "nothing was evicted: every cache held what " + report_.baseline + "'s held";
      // A p would count towards the family: what differs between equal caches is not eviction.
      result.test = result.nll_test = PairedTest();
      result.over_seeds = SeedTests();
      result.questions.reset();
    }
  }

  static bool has_numbers(const Comparison& comparison) {
    return comparison.status != ComparisonStatus::kIncomplete &&
           comparison.status != ComparisonStatus::kNoCounterpart &&
           comparison.status != ComparisonStatus::kNotExercised;
  }

  void compare_methods(const CellGroup& first, const CellGroup& second) {
    if (!same_place(first, second)) return;
    if (first.method == report_.baseline || second.method == report_.baseline) return;
    // Methods at different sparsities are not tested against each other, only for identity.
    const bool is_test = first.sparsity == second.sparsity;
    // Before documents are paired, which takes longer: unequal sums are no identity.
    if (!is_test && report_.measure) return;
    if (!is_test && signatures_.at(&first) != signatures_.at(&second)) return;
    Comparison result = blank(first.method, second);
    const Pairing pairing = pair_documents(first, second, options_.partial, result.judge);
    collect(pairing.problems);
    evaluate(pairing, result);
    if (is_test) evaluate_questions(first, second, result);
    const bool complete = result.status != ComparisonStatus::kIncomplete;
    if (complete && pairing.same_nll && pairing.kept_known && pairing.kept_differs) {
      result.status = ComparisonStatus::kSuspect;
      result.reason = "different entries were kept and every nll is identical";
      if (unmoved_.count(&first) == 0 && unmoved_.count(&second) == 0) {
        find_fault({"two caches that held different entries gave bit-equal nlls",
                    second.where() + " and " + first.name(),
                    "a difference in at least one document", "none",
                    "check that each method's decision reaches its own cache"});
      }
    }
    if (!is_test) return;
    // Empty units too: adjust() finds those of a comparison by its index.
    units_pairwise_.push_back(has_numbers(result) ? pairing.units : std::vector<PairedUnit>());
    report_.pairwise.comparisons.push_back(std::move(result));
  }

  Comparison blank(const std::string& first, const CellGroup& second) const {
    Comparison result;
    if (report_.measure) result.name = report_.measure->name + ":";
    result.name += first + "_vs_" + second.name();
    if (several_datasets_) result.name += "_" + second.dataset;
    if (several_contexts_) result.name += "_ctx" + std::to_string(second.context_tokens);
    result.first = first;
    result.second = second.method;
    result.sparsity = second.sparsity;
    result.dataset = second.dataset;
    result.context_tokens = second.context_tokens;
    result.budget_tokens = second.budget_tokens;
    result.by_budget = second.by_budget;
    result.judge = judges_.at({second.dataset, second.context_tokens});
    return result;
  }

  // What is asked of a whole family at once: `units` are those of its comparisons, in order.
  void adjust(Family& family, const std::vector<std::vector<PairedUnit>>& units,
              std::int64_t resamples) const {
    std::vector<Comparison>& all = family.comparisons;
    const std::size_t tests = family.tests();
    parallel_for(static_cast<std::int64_t>(all.size()), available_cores(), [&](std::int64_t i) {
      if (units[i].empty()) return;
      all[i].more =
          pair_tests(units[i], report_.margin_of(all[i].judge), tests, resamples, all[i].judge);
    });
    family.adjust();
    const std::size_t question_tests = family.question_tests();
    for (Comparison& c : all) {
      if (c.questions) c.questions->plan(report_.margin_of(c.judge), question_tests);
    }
  }

  // Once: by a metric the same would be found again.
  void find_fault(Problem problem) {
    if (!report_.measure) report_.findings.push_back(std::move(problem));
  }

  void collect(const std::vector<Problem>& problems) {
    problems_.insert(problems_.end(), problems.begin(), problems.end());
  }

  const CompareOptions& options_;
  ComparisonReport report_;  // before groups_, which fill it in
  const std::vector<CellGroup> groups_;
  std::map<const CellGroup*, std::vector<double>> signatures_;
  std::map<std::pair<std::string, std::int64_t>, Measure> judges_;  // by dataset and context
  bool several_datasets_ = false;
  bool several_contexts_ = false;
  std::vector<std::vector<PairedUnit>> units_to_baseline_;  // of its comparisons, in order
  std::vector<std::vector<PairedUnit>> units_pairwise_;
  std::vector<Problem> problems_;
  std::set<const CellGroup*> unmoved_;  // evicted and yet identical to the baseline
};

}  // namespace

ComparisonReport compare(const std::vector<CellResult>& results, const CompareOptions& options) {
  return Comparer(results, options).run();
}

}  // namespace pressroom
