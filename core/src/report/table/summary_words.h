// Numbers as the sentences of the summary say them.
//
//   loss_text(comparison, "dense")
//       -> "perplexity +9.2 % (95 % interval +7.1 to +11.3 %, p = 0.0021 after Holm) against dense"
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "stats/comparison.h"

namespace pressroom {

// "1 cell", "2 cells".
std::string counted(std::size_t count, const std::string& singular);

// 0.0512 is "5.12 %".
std::string percent(double fraction);

// The change of perplexity, or of exact match where answers are judged by, with interval and
// adjusted p, to two digits of the interval's half width; where there is no test the reason
// instead.
std::string loss_text(const Comparison& comparison, const std::string& baseline);

// "90.1 % below dense", "4.20 % above dense", "as dense". `reference` is above zero.
std::string relative(double value, double reference, const std::string& baseline);

// "a", "a and b", "a, b and c"; of more than `most` the first and "and 5 more".
std::string listed(const std::vector<std::string>& words, std::size_t most = 6);

}  // namespace pressroom
