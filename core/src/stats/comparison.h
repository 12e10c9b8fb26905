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
#include <optional>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "results/cell.h"
#include "stats/pair_tests.h"
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
  Judge judge = Judge::kNll;       // what is tested
  // Of second minus first, above zero is worse: of the mean nll, nats per token, or, by answers, of
  // the share of wrong ones.
  PairedTest test;
  PairedTest nll_test;  // of the mean nll, where it is not what is tested
  bool equal = false;   // Pairing::equal()
  std::optional<double> p_holm;
  PairTests more;        // what else is asked of the same differences
  SeedTests over_seeds;  // as the studies test: seeds as the unit
  std::string partial;   // "2 of 3 seeds" where cells were still to be run; "" else
  ComparisonStatus status = ComparisonStatus::kIncomplete;
  std::string reason;  // why there is no test; "" for kTested

  // Of the mean nll, whatever is tested.
  const PairedTest& nll() const { return judge == Judge::kNll ? test : nll_test; }
  // Exact match of second minus that of first and its 95 % interval, where that is tested.
  // It falls where wrong answers, which are tested, rise.
  double match_difference() const { return negated(test.mean); }
  std::optional<Interval> match_ci95() const { return negated(test.ci95); }
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

  std::size_t tests() const;  // comparisons with a p
  void adjust();              // Holm over the p of all comparisons, and over those of equivalence
};

struct ComparisonReport {
  std::string baseline;
  Family to_baseline;  // every method x sparsity x dataset x context
  Family pairwise;     // every two methods at the same sparsity, dataset and context
  double margin = 0;   // of perplexity or the share of answers, of the equivalence tests
  // Results that contradict themselves: entries were evicted and every nll is bit-equal to the
  // baseline's, or two caches that hold different entries give bit-equal nlls.
  std::vector<Problem> findings;

  // Whether any place is judged so.
  bool judges(Judge judge) const;

  // The comparison with the baseline of a group, nullptr for the baseline itself.
  const Comparison* find(const std::string& method, double sparsity, const std::string& dataset,
                         std::int64_t context_tokens) const;
  const Comparison* find(const CellGroup& group) const;
};

struct CompareOptions {
  std::string baseline = "dense";
  double margin = 0.01;            // of perplexity or of answers: what counts as the same
  std::int64_t resamples = 10000;  // of the bootstrap against the baseline; 0: none
  // Seeds that one of two methods has still to be run for are left out, and the comparison says so.
  // A failed cell still makes it incomplete.
  bool partial = false;
};

// Throws Error, with every problem found, when a document's token ids or targets differ between
// two methods, a document is in a cell twice, or a cell is in `results` twice.
ComparisonReport compare(const std::vector<CellResult>& results,
                         const CompareOptions& options = {});

}  // namespace pressroom
