// What a paired test is of: a number that every document of a cell has, whatever measures it.
//
//   Measure()                        // the mean nll, which text is judged by
//   Measure::kAnswers                // the share of a task's answers that were right
//   measure_named(results, "ece")    // any metric that tells of each document alone
//
// Whatever the measure, what is tested is a difference of second minus first that is above zero
// where the second is worse: a metric of which higher is better is turned. What is told of it, in
// tables and files, is the number itself, second minus first: told() turns it back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "results/cell.h"
#include "results/metric_names.h"

namespace pressroom {

struct Measure {
  // How a difference is told, and what a margin is a part of.
  enum class Scale {
    kPerplexity,  // of the nll: as percent of perplexity, 100 (exp(d) - 1)
    kShare,       // of answers: in points, hundredths of all
    kOwn,         // in the metric's own unit
  };

  std::string name = metric_names::kNll;  // what files call it
  std::string unit = "nats/token";        // of a difference as it is tested; "1" for a ratio
  Direction direction = Direction::kLowerIsBetter;
  Scale scale = Scale::kPerplexity;

  static const Measure kNll;      // Measure()
  static const Measure kAnswers;  // "exact_match"

  bool operator==(const Measure& other) const { return name == other.name; }
  bool operator!=(const Measure& other) const { return !(*this == other); }
  // It falls where what is tested rises.
  bool turns() const { return direction == Direction::kHigherIsBetter; }
  // "lower", "higher": what is better of the number itself.
  const char* better() const { return turns() ? "higher" : "lower"; }

  // Whether a cell tells of it: of answers where some are asked, of a metric where it is reported.
  bool is_in(const CellResult& cell) const;
  bool is_in_any(const std::vector<CellResult>& results) const;
  // The cell's own number, as its metric pools it: mean nll of all targets, right answers over
  // answers, the metric's value; absent where there is none.
  std::optional<double> pooled(const CellResult& cell) const;
};

// By what a test of the metric `name` is made: "nll", and "perplexity" as well, by the nll; answers
// for "exact_match"; else the metric of this name in its own unit. Throws Error where no cell
// reports it, where it has no direction or no value for each document, with what could be asked for
// instead.
Measure measure_named(const std::vector<CellResult>& results, const std::string& name);

// The metrics in `results` that have a direction and a value for each document, in the order in
// which they first appear; "nll" first, and "exact_match" where answers are asked.
std::vector<std::string> testable_names(const std::vector<CellResult>& results);

// Every metric that some cell reports, in the order in which they first appear.
std::vector<std::string> reported_names(const std::vector<CellResult>& results);

// Whether a test of the metric is one of what methods are judged by: "nll", "perplexity",
// "exact_match".
bool is_judged_by(const std::string& name);

}  // namespace pressroom
