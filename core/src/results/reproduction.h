// A cell that was run again beside the result that was stored of it: whether the two are the same.
//
//   const Reproduction found = compare_with_stored(stored, again);
//   found.agreement;    // kEqual: to the bit, in everything that does not tell of time
//   found.text();       // "equal within rounding: nll by 3.1e-07 nats a token"
//
// Compared are, of each document, its tokens, targets, kept positions, right answers and the sum of
// its nll, and the values of all metrics but those that are measured on the machine: times, rates,
// and the memory of the process.
#pragma once

#include <string>

#include "pressroom/metric.h"
#include "results/cell.h"

namespace pressroom {

enum class Agreement {
  kEqual,
  // The same entries were kept, the mean nll of no document differs by more than kEngineTolerance
  // nats, and no metric by more than 0.001 of its value, or by more than that where it is below 1.
  // What other thread counts, processors and libraries come to.
  kWithinRounding,
  kDifferent
};

struct Reproduction {
  Agreement agreement = Agreement::kEqual;
  // kWithinRounding: the largest difference, in nats a token or as a part of a metric's value.
  double difference = 0;
  std::string what;  // differs, and by how much; "" where nothing does

  std::string text() const;
};

// A difference for people: "3.1e-07", "0.02".
std::string difference_text(double difference);

// Whether `value` says how fast a machine was, or how much memory it gave: it is another one in
// each run. Told by its unit ("s", "ms", "tokens/s") and, of memory, by its name.
bool is_of_the_machine(const MetricValue& value);

// `stored` and `again` are of the same cell, and have both been run. Errors are equal where both
// failed: the text of one may name places and processes.
Reproduction compare_with_stored(const CellResult& stored, const CellResult& again);

}  // namespace pressroom
