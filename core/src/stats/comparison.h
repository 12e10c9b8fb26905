// What a campaign shows: every method against the baseline, and methods against each other.
//
//   const ComparisonReport report = compare(results);
//   for (const Comparison& c : report.to_baseline.comparisons) {
//     c.name;         // "dense_vs_h2o_s0.9"
//     c.test.mean;    // change of the mean nll from dense to h2o, nats per token: > 0 is worse
//     c.ppl_ratio();  // exp of it
//     c.p_holm;       // adjusted over the family; absent when there was nothing to test
//   }
//
// The unit is the document, paired on identical token ids and targets. A cell that failed or is
// missing makes its comparisons incomplete; samples are never dropped to save one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "results/cell.h"
#include "stats/pair_tests.h"
#include "stats/question_tests.h"
#include "stats/significance.h"
#include "stats/t_tests.h"

namespace pressroom {

struct CellGroup;

enum class ComparisonStatus {
  kTested,         // with t, p and interval
  kDeterministic,  // every document has the same difference: no p
  kTooFew,         // less than two distinct windows: no p
  kIncomplete,     // cells or documents are missing: no numbers at all
  kNoCounterpart,  // the baseline was run at several sparsities and not at this one: no numbers
  kNotExercised,   // sparsity asks for eviction and none happened: no numbers
  kEqual,          // one result twice: apart by no more than engines are, the same kept; no p
  kSuspect,        // eviction that changes nothing: see findings
};

// "tested", "deterministic", "too few documents", "incomplete", "not compared", "not exercised",
// "equal", "suspect".
const char* to_string(ComparisonStatus status);

struct Comparison {
  // "h2o_vs_cab_s0.9"; "_<dataset>" follows when there are several, and so does "_ctx<context>".
  std::string name;
  std::string first;
  std::string second;
  double sparsity = 0;  // of second; first has the same, or is a baseline that has no other
  std::string dataset;
  std::int64_t context_tokens = 0;
  std::int64_t budget_tokens = 0;  // of second
  bool by_budget = false;          // the campaign gives these, and names have them
  Measure judge;                   // what is tested
  // Of second minus first, above zero is worse: of the mean nll, nats per token, by answers of the
  // share of wrong ones, by a metric in its own unit.
  PairedTest test;
  PairedTest nll_test;  // of the mean nll, where it is not what is tested
  bool equal = false;   // Pairing::equal()
  std::optional<double> p_holm;
  PairTests more;  // what else is asked of the same differences
  // Question by question, where what is tested is a rate of right answers.
  std::optional<QuestionTests> questions;
  SeedTests over_seeds;  // as the studies test: seeds as the unit
  std::string partial;   // "2 of 3 seeds" where cells were still to be run; "" else
  ComparisonStatus status = ComparisonStatus::kIncomplete;
  std::string reason;  // why there is no test; "" for kTested

  // Of the mean nll, whatever is tested.
  const PairedTest& nll() const { return judge == Measure::kNll ? test : nll_test; }
  // What is judged by of second minus that of first, and its 95 % interval, as it is told: exact
  // match, and any other of which higher is better, falls where what is tested rises.
  double told() const { return turned(test.mean, judge.turns()); }
  std::optional<Interval> told_ci95() const { return turned(test.ci95, judge.turns()); }
  // Perplexity of second over that of first, as the geometric mean over documents, and its 95 %
  // interval.
  double ppl_ratio() const;
  std::optional<Interval> ppl_ratio_ci95() const;
  bool significant() const;  // p_holm below .05
};

// Comparisons whose p-values are adjusted together.
struct Family {
  std::string name;
  std::vector<Comparison> comparisons;

  std::size_t tests() const;           // comparisons with a p
  std::size_t question_tests() const;  // with one of McNemar's
  // Holm over the p of all comparisons; likewise over those of equivalence, and over McNemar's.
  void adjust();
};

struct ComparisonReport {
  std::string baseline;
  Family to_baseline;  // every method x sparsity x dataset x context
  Family pairwise;     // every two methods at the same sparsity, dataset and context
  double margin = 0;   // CompareOptions: of what margins do not name
  std::map<std::string, double> margins;
  // What all of it is of, where it was asked for; else each place is judged by its own.
  std::optional<Measure> measure;
  std::vector<std::string> left_out;  // "books, context 1024": where no cell tells of `measure`
  // The same of other metrics, each with families of its own: filled in by compare_metrics().
  std::vector<ComparisonReport> metrics;
  // Results that contradict themselves: entries were evicted and every nll is bit-equal to the
  // baseline's, or two caches that hold different entries give bit-equal nlls.
  std::vector<Problem> findings;

  // Of the equivalence tests of `judge`: of perplexity, of the share of answers, or in a metric's
  // own unit; 0 where none was given, and there are no such tests.
  double margin_of(const Measure& judge) const;

  // The one of `metrics` that is of this one; nullptr where there is none.
  const ComparisonReport* of_metric(const std::string& name) const;

  // Whether `group` lies where no cell tells of `measure`.
  bool leaves_out(const CellGroup& group) const;

  // Whether any place is judged so.
  bool judges(const Measure& judge) const;

  // The comparison with the baseline of a group, nullptr for the baseline itself.
  const Comparison* find(const std::string& method, double sparsity, const std::string& dataset,
                         std::int64_t context_tokens) const;
  const Comparison* find(const CellGroup& group) const;
};

struct CompareOptions {
  std::string baseline = "dense";
  double margin = 0.01;  // of perplexity or of answers: what counts as the same
  // A metric that everything is compared by (measure_named); "": what each place is judged by.
  std::string metric = {};
  // By metric, each in its own unit; "perplexity" and "exact_match" take the place of `margin`.
  std::map<std::string, double> margins = {};
  std::int64_t resamples = 10000;  // of the bootstrap against the baseline; 0: none
  // Seeds that one of two methods has still to be run for are left out, and the comparison says so.
  // A failed cell still makes it incomplete.
  bool partial = false;
};

// Has `margin` count as the same of what methods are judged by, perplexity and answers alike,
// whatever else `options` or a config says of these.
void set_judged_margin(double margin, CompareOptions& options);

// Throws Error, with every problem found, when a document's token ids or targets differ between
// two methods, a document is in a cell twice, or a cell is in `results` twice; and where
// measure_named() does.
ComparisonReport compare(const std::vector<CellResult>& results,
                         const CompareOptions& options = {});

// The comparison by each of `names`: for ComparisonReport::metrics. Findings and the identity of
// caches are of compare() without a metric, and not told again.
std::vector<ComparisonReport> compare_metrics(const std::vector<CellResult>& results,
                                              const std::vector<std::string>& names,
                                              const CompareOptions& options);

}  // namespace pressroom
