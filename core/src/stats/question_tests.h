// Two methods question by question, where a metric tells of each answer whether it was right: its
// values of answers (MetricValue::answers) are all 0 or 1.
//
//   if (const auto tests = question_tests(dense, h2o, "exact_match")) {
//     tests->second().wilson95;   // of h2o's rate
//     tests->p;                   // exact McNemar
//   }
//
// A question is an answer of a document, by its index. One that several seeds drew counts once, as
// the first of them had it: repeating a measurement does not make it two. Beside the tests by
// documents, which verdicts go by: questions about one text are not independent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "stats/rates.h"

namespace pressroom {

struct CellGroup;

struct QuestionTests {
  std::size_t both_right = 0;
  std::size_t first_only = 0;
  std::size_t second_only = 0;
  std::size_t neither_right = 0;
  std::optional<double> p;       // exact McNemar; absent where no question differs
  std::optional<double> p_holm;  // over the family, which compare() knows
  // In 4 of 5 campaigns, at the level that Holm's first step allows: how many questions would show
  // a true difference of the margin, and what difference these show. Filled in by compare().
  std::optional<std::int64_t> questions_needed;
  std::optional<double> least_difference;

  std::size_t questions() const { return both_right + first_only + second_only + neither_right; }
  Rate first() const { return rate(both_right + first_only, questions()); }
  Rate second() const { return rate(both_right + second_only, questions()); }

  // Fills in what depends on the family: `tests` have a p in it, and `margin` is of the rate, 0 for
  // none.
  void plan(double margin, std::size_t tests);
};

// The same questions of two groups; nothing where a cell of either does not tell of each answer, a
// value is neither 0 nor 1, or there is no question.
std::optional<QuestionTests> question_tests(const CellGroup& first, const CellGroup& second,
                                            const std::string& metric);

// The rate of one group over all its questions; nothing as above.
std::optional<Rate> rate_of(const CellGroup& group, const std::string& metric);

// The datasets and contexts in which a metric is a rate: all groups that tell of it have one. What
// is 0 or 1 now and then is none; and of two datasets one may ask for one answer, the other for
// four.
class RateSettings {
 public:
  RateSettings() = default;
  RateSettings(const std::vector<CellGroup>& groups, const std::string& metric);

  bool any() const { return !settings_.empty(); }
  // Whether `group` tells of the metric, as a rate.
  bool has(const CellGroup& group) const;

 private:
  std::string metric_;
  std::set<std::pair<std::string, std::int64_t>> settings_;  // dataset, context
};

}  // namespace pressroom
