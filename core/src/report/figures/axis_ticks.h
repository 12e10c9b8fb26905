// Where the marks of an axis stand: round numbers.
//
//   linear_ticks(0.07, 1.04, 6)  ->  0.2 "0.2", 0.4 "0.4", 0.6, 0.8, 1 "1.0"
//   log_ticks(9, 2100, 6)        ->  10, 100, 1000
#pragma once

#include <string>
#include <vector>

namespace pressroom {

struct Tick {
  double value = 0;
  std::string label;
};

// Multiples of 1, 2 or 5 times a power of ten within low .. high, at most `most` of them. `low` is
// below `high`, both are finite.
std::vector<Tick> linear_ticks(double low, double high, int most);

// Powers of ten, and where those are few their multiples by 2 and 5; in a range that holds less
// than two such numbers those of linear_ticks. 0 < low < high.
std::vector<Tick> log_ticks(double low, double high, int most);

}  // namespace pressroom
