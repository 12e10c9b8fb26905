#include "stats/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pressroom::verdict_test {
namespace {

struct Case {
  double low;  // of the perplexity change, percent, with its 95 % interval
  double change;
  double high;
  double p_holm;
  double p_equivalence;
  std::int64_t needed;
  const char* words;
};

double nats(double percent) { return std::log1p(percent / 100); }

Comparison tested(const Case& item) {
  Comparison c;
  c.status = ComparisonStatus::kTested;
  c.test.n = 24;
  c.test.mean = nats(item.change);
  c.test.ci95 = Interval{nats(item.low), nats(item.high)};
  c.test.p = c.p_holm = item.p_holm;
  c.more.p_equivalence_holm = item.p_equivalence;
  c.more.documents_needed = item.needed;
  return c;
}

TEST(Verdict, SaysWhatTheTestsCarry) {
  const Case cases[] = {
      {1.67, 2.10, 2.53, .001, .9, 80, "worse by 2.1 % +- 0.4 %"},
      {0.17, 0.30, 0.43, .001, .001, 80, "worse by 0.30 % +- 0.13 %, within 1 %"},
      {-2.53, -2.1, -1.67, .001, .9, 80, "better by 2.1 % +- 0.4 %"},
      {-0.3, 0.01, 0.32, .9, .001, 80, "equivalent within 1 %"},
      {-3.0, 0.50, 4.00, .7, .4, 84,
       "not resolved (-3.0 % to +4.0 %): needs about 84 documents to tell 1 %"},
      {-3.0, 0.50, 4.00, .7, .4, 1249,
       "not resolved (-3.0 % to +4.0 %): needs about 1200 documents to tell 1 %"},
      {-3.0, 0.50, 4.00, .7, .4, 999500,
       "not resolved (-3.0 % to +4.0 %): needs about 1000000 documents to tell 1 %"},
      {-3.0, 0.50, 4.00, .7, .4, 10000000,
       "not resolved (-3.0 % to +4.0 %): needs more than 10^6 documents to tell 1 %"},
      // The documents would do for a difference of 1 %; this one is smaller and not shown to be.
      {-0.2, 0.55, 1.30, .2, .1, 20, "not resolved (-0.20 % to +1.30 %)"},
      {0.1, 0.9, 1.7, .06, .4, 24, "not resolved (+0.10 % to +1.70 %)"},
      {-41.0, -23.0, 0.3, .1, .9, 2600,
       "not resolved (-41 % to 0 %): needs about 2600 documents to tell 1 %"},
      // Digits follow the half width, and the larger side of the interval counts.
      {0.0006, 0.0012, 0.0018, .001, .001, 80, "worse by 0.0012 % +- 0.0006 %, within 1 %"},
      {4.2, 7.7, 11.3, .005, .9, 80, "worse by 7.7 % +- 3.6 %"},
      // As its row, "+77 [+41, +122]": nothing is rounded to tens.
      {41, 77, 122, .001, .9, 80, "worse by 77 % +- 45 %"},
      {67.1, 77.2, 87.4, .001, .9, 80, "worse by 77 % +- 10 %"},
      {2000, 4900, 9000, .001, .9, 80, "worse by 4900 % +- 4100 %"},
      {1e7, 1e8, 1e9, .001, .9, 80, "worse by more than 10^6 %"},
      {8.0, 10.0, 14.9, .04, .9, 80, "worse by 10 % +- 5 %"},
      // The borders: .05 itself is not below.
      {0.0, 1.0, 2.0, .05, .05, 80,
       "not resolved (0.0 % to +2.0 %): needs about 80 documents to tell 1 %"},
  };
  for (const Case& item : cases) EXPECT_EQ(verdict(tested(item), 0.01), item.words);
}

TEST(Verdict, AChangeInPercentHasThePlacesThatItsIntervalCarries) {
  EXPECT_EQ(percent_decimals(tested({1.67, 2.10, 2.53, .001, .9, 80, ""})), 2);
  EXPECT_EQ(percent_decimals(tested({-0.3, 0.01, 0.32, .9, .001, 80, ""})), 2);
  EXPECT_EQ(percent_decimals(tested({4.2, 7.7, 11.3, .005, .9, 80, ""})), 1);
  EXPECT_EQ(percent_decimals(tested({41, 77.3, 122, .001, .9, 80, ""})), 0);
  EXPECT_EQ(percent_decimals(Comparison()), 2);
  EXPECT_EQ(percent_decimals(Comparison(), 7), 7);
}

TEST(Verdict, NamesItsMargin) {
  const Comparison c = tested({-0.1, 0, 0.1, .9, .001, 80, ""});
  EXPECT_EQ(verdict(c, 0.005), "equivalent within 0.5 %");
  EXPECT_EQ(verdict(c, 0.07), "equivalent within 7 %");
  EXPECT_EQ(verdict(c, 0.00125), "equivalent within 0.125 %");
}

TEST(Verdict, SaysWhyThereIsNoTest) {
  struct Untested {
    ComparisonStatus status;
    std::size_t n;
    double percent;
    const char* reason;
    const char* words;
  };
  const Untested cases[] = {
      {ComparisonStatus::kDeterministic, 8, 0, "", "identical"},
      {ComparisonStatus::kDeterministic, 8, 0.3, "", "deterministic: every document 0.30 % worse"},
      {ComparisonStatus::kDeterministic, 8, -12, "", "deterministic: every document 12 % better"},
      {ComparisonStatus::kTooFew, 1, 3, "", "one document: no test"},
      {ComparisonStatus::kTooFew, 0, 0, "", "no document: no test"},
      {ComparisonStatus::kIncomplete, 0, 0, "h2o_s0.9, seed 43: out of memory",
       "incomplete: h2o_s0.9, seed 43: out of memory"},
      {ComparisonStatus::kNotExercised, 0, 0, "nothing was evicted",
       "not exercised: nothing was evicted"},
      {ComparisonStatus::kSuspect, 8, 0, "evicted but identical to dense",
       "suspect: evicted but identical to dense"}};
  for (const Untested& item : cases) {
    Comparison c;
    c.status = item.status;
    c.test.n = item.n;
    c.test.mean = nats(item.percent);
    c.reason = item.reason;
    EXPECT_EQ(verdict(c, 0.01), item.words);
  }
}

TEST(Verdict, SaysThatCellsHaveStillToBeRun) {
  Comparison c = tested({1.67, 2.10, 2.53, .001, .9, 80, ""});
  c.partial = "2 of 3 seeds";
  EXPECT_EQ(verdict(c, 0.01), "worse by 2.1 % +- 0.4 % (2 of 3 seeds)");
}

}  // namespace
}  // namespace pressroom::verdict_test
