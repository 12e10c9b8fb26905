// Student's t on the documents of two methods, and what follows from the same mean and spread.
//
//   const PairedTest test = paired_test({0.02, 0.05, 0.04});
//   // n 3, mean 0.0367, 95 % interval, t 4.16, df 2, p 0.053
//   effect_size(test).cohen_dz;            // 2.4: how large against the spread?
//   equivalence(test, bound).p;            // is it smaller than what anyone cares about?
//   documents_needed(0.02, bound, 0.05);   // 34: how many documents would settle it?
//   welch(first, second).p;                // and unpaired, for the studies that ask for it
//
// docs/statistics.md has all formulas.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace pressroom {

// Mean and standard deviation, summed in long double.
struct Moments {
  double mean = 0;            // NaN for no values
  double sd = 0;              // ddof 1; NaN for less than two values
  double standard_error = 0;  // of the mean: sd / sqrt(n)
};

Moments moments(const std::vector<double>& values);

struct Interval {
  double low = 0;
  double high = 0;
};

// A difference the other way round: of first minus second where it was of second minus first, or of
// right answers where it was of wrong ones. 0 - x and not -x, which makes -0 of 0; what is absent
// stays absent.
inline double negated(double value) { return 0 - value; }
inline Interval negated(const Interval& value) { return {0 - value.high, 0 - value.low}; }
template <typename Value>
std::optional<Value> negated(const std::optional<Value>& value) {
  return value ? std::optional<Value>(negated(*value)) : std::nullopt;
}

// negated where `turn`, else `value`.
template <typename Value>
Value turned(const Value& value, bool turn) {
  return turn ? negated(value) : value;
}

// The paired t-test: do two methods differ on the same documents?
//
// The unit is the document: each contributes one difference, however many tokens it has. Identical
// differences - a method repeated on itself, or no effect at all - have no variance and so no test:
// the result is called deterministic and carries neither t nor p.
struct PairedTest {
  std::size_t n = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();            // needs n >= 1
  double sd = std::numeric_limits<double>::quiet_NaN();              // ddof 1; needs n >= 2
  double standard_error = std::numeric_limits<double>::quiet_NaN();  // sd / sqrt(n)
  std::optional<Interval> ci95;                                      // of the mean
  std::optional<double> t;
  double df = 0;            // n - 1
  std::optional<double> p;  // two-sided; precise however small it is
  bool deterministic = false;
  std::string no_test;  // why there is no t and no p; "" when there are
};

// Tests whether the mean of `differences`, one per unit and all finite, is zero.
PairedTest paired_test(const std::vector<double>& differences);

// How large a difference is against its own spread over documents, free of units.
//
// It says how easily a difference is seen, not how much it matters: a difference of 0.01 % that is
// the same on every document has a huge one. The perplexity ratio says how much it matters.
// Absent, both, when the differences have no variance or are fewer than two.
struct EffectSize {
  // Mean of the differences over their standard deviation (Cohen, Statistical Power Analysis for
  // the Behavioral Sciences, 1988, eq. 2.3.5).
  std::optional<double> cohen_dz;
  // The same without most of its bias at small n: d_z (1 - 3 / (4 df - 1)), df = n - 1 (Hedges,
  // Journal of Educational Statistics 6, 1981). Always 0 for two documents.
  std::optional<double> hedges_gz;
};

// The sign is that of the test's mean.
EffectSize effect_size(const PairedTest& test);

// Are two methods the same, as far as anyone cares? Two one-sided t-tests against a margin.
//
//   const Equivalence same = equivalence(paired_test(differences), margin_in_nats(0.01));
//   if (same.p && *same.p < 0.05) ...  // perplexities are within 1 % of each other
//
// A test that finds no difference has not shown that there is none. This one asks the other way
// round: its null hypothesis is a difference of the margin or more, on either side, and rejecting
// it shows that the difference is smaller. (Schuirmann, J. Pharmacokinetics and Biopharmaceutics
// 15, 1987.)
//
// t and p are absent when the differences have no variance or are fewer than two.
struct Equivalence {
  double bound_nats = 0;          // the test is against -bound_nats and +bound_nats
  std::optional<double> t_lower;  // (mean + bound) / standard error: large when far above -bound
  std::optional<double> t_upper;  // (mean - bound) / standard error: far below zero likewise
  std::optional<double> p;        // the larger of the two one-sided p-values
};

// Tests the mean of `test` against +-`bound_nats`, which is above zero.
Equivalence equivalence(const PairedTest& test, double bound_nats);

// Welch's t-test: do two unpaired samples have different means? Variances may differ.
//
// For the studies that ask for it. Results on the same documents are paired, and the paired test
// is the one to look at: this one takes the spread between documents, which both methods share, for
// noise. (Welch, Biometrika 34, 1947.)
//
// All are absent when a sample has less than two values or neither has any variance.
struct Welch {
  std::optional<double> t;   // of the mean of the first minus that of the second
  std::optional<double> df;  // by Welch and Satterthwaite, rarely whole
  std::optional<double> p;   // two-sided
};

Welch welch(const std::vector<double>& first, const std::vector<double>& second);

// In how many of all campaigns a difference is to be found that is there: four of five.
constexpr double kPower = 0.8;
constexpr std::int64_t kMostDocuments = 10'000'000;

// Probability that the two-sided paired t-test over `n` >= 2 documents rejects at `alpha` when the
// true mean difference is `difference` and the differences are normal with standard deviation `sd`
// > 0. By the noncentral t distribution with n - 1 degrees of freedom and noncentrality
// difference / sd x sqrt(n) (Cohen 1988, chapter 2).
double paired_t_power(std::int64_t n, double difference, double sd, double alpha);

// How many documents would settle it?
//
//   documents_needed(0.02, margin_in_nats(0.01), 0.05)  ->  34
//
// The differences between two methods have a standard deviation of 0.02 nats over documents. With
// that many documents, the paired t-test finds a true difference of 1 % of perplexity in four of
// five campaigns.
//
// The smallest n >= 2 at which the test has power `power`; kMostDocuments when more are needed.
// Absent when `sd` is not above zero: without a variance there is nothing to plan with.
std::optional<std::int64_t> documents_needed(double sd, double difference, double alpha,
                                             double power = kPower);

}  // namespace pressroom
