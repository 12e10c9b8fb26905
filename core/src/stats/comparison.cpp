#include "stats/comparison.h"

#include <algorithm>
#include <cmath>

#include "stats/cell_groups.h"
#include "stats/significance.h"

namespace pressroom {

const char* to_string(ComparisonStatus status) {
  switch (status) {
    case ComparisonStatus::kTested:
      return "tested";
    case ComparisonStatus::kDeterministic:
      return "deterministic";
    case ComparisonStatus::kTooFew:
      return "too few documents";
    case ComparisonStatus::kIncomplete:
      return "incomplete";
    case ComparisonStatus::kNoCounterpart:
      return "not compared";
    case ComparisonStatus::kEqual:
      return "equal";
    case ComparisonStatus::kNotExercised:
      return "not exercised";
    case ComparisonStatus::kSuspect:
      return "suspect";
  }
  return "";
}

double Comparison::ppl_ratio() const { return std::exp(nll().mean); }

std::optional<Interval> Comparison::ppl_ratio_ci95() const {
  if (!nll().ci95) return std::nullopt;
  return Interval{std::exp(nll().ci95->low), std::exp(nll().ci95->high)};
}

bool Comparison::significant() const { return p_holm && *p_holm < kSignificanceLevel; }

std::size_t Family::tests() const {
  return static_cast<std::size_t>(std::count_if(comparisons.begin(), comparisons.end(),
                                                [](const Comparison& c) { return c.test.p; }));
}

std::size_t Family::question_tests() const {
  return static_cast<std::size_t>(
      std::count_if(comparisons.begin(), comparisons.end(),
                    [](const Comparison& c) { return c.questions && c.questions->p; }));
}

void Family::adjust() {
  std::vector<std::optional<double>> differ;
  std::vector<std::optional<double>> equivalent;
  std::vector<std::optional<double>> by_question;
  for (const Comparison& c : comparisons) {
    differ.push_back(c.test.p);
    equivalent.push_back(c.more.equivalence.p);
    by_question.push_back(c.questions ? c.questions->p : std::nullopt);
  }
  differ = holm(differ);
  equivalent = holm(equivalent);
  by_question = holm(by_question);
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    comparisons[i].p_holm = differ[i];
    comparisons[i].more.p_equivalence_holm = equivalent[i];
    if (comparisons[i].questions) comparisons[i].questions->p_holm = by_question[i];
  }
}

bool ComparisonReport::judges(const Measure& judge) const {
  return std::any_of(to_baseline.comparisons.begin(), to_baseline.comparisons.end(),
                     [judge](const Comparison& c) { return c.judge == judge; });
}

bool ComparisonReport::leaves_out(const CellGroup& group) const {
  return std::find(left_out.begin(), left_out.end(), group.place()) != left_out.end();
}

void set_judged_margin(double margin, CompareOptions& options) {
  options.margin = margin;
  for (const char* judged : {metric_names::kPerplexity, metric_names::kExactMatch}) {
    options.margins[judged] = margin;
  }
}

double ComparisonReport::margin_of(const Measure& judge) const {
  const bool by_nll = judge.scale == Measure::Scale::kPerplexity;
  const auto own = margins.find(by_nll ? metric_names::kPerplexity : judge.name);
  if (own != margins.end()) return own->second;
  // A part of perplexity, or of answers, says nothing of another unit.
  return judge.scale == Measure::Scale::kOwn ? 0 : margin;
}

const ComparisonReport* ComparisonReport::of_metric(const std::string& name) const {
  for (const ComparisonReport& report : metrics) {
    if (report.measure && report.measure->name == name) return &report;
  }
  return nullptr;
}

const Comparison* ComparisonReport::find(const std::string& method, double sparsity,
                                         const std::string& dataset,
                                         std::int64_t context_tokens) const {
  for (const Comparison& c : to_baseline.comparisons) {
    if (c.second == method && c.sparsity == sparsity && c.dataset == dataset &&
        c.context_tokens == context_tokens) {
      return &c;
    }
  }
  return nullptr;
}

const Comparison* ComparisonReport::find(const CellGroup& group) const {
  return find(group.method, group.sparsity, group.dataset, group.context_tokens);
}

std::vector<ComparisonReport> compare_metrics(const std::vector<CellResult>& results,
                                              const std::vector<std::string>& names,
                                              const CompareOptions& options) {
  std::vector<ComparisonReport> reports;
  CompareOptions of_one = options;
  for (const std::string& name : names) {
    of_one.metric = name;
    reports.push_back(compare(results, of_one));
  }
  return reports;
}

}  // namespace pressroom
