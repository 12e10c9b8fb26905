// What methods are judged by on a dataset: the nll of its text, or the answers to what it asks.
//
// A text of a task is predicted well by who has forgotten the fact that is asked for: where there
// are answers, they decide. Either way a difference is of second minus first and above zero is
// worse: of the mean nll, or of the share of wrong answers.
#pragma once

#include <string>

#include "stats/equivalence.h"

namespace pressroom {

enum class Judge { kNll, kAnswers };

// "nll", "exact_match": what files call it.
inline const char* to_string(Judge judge) {
  return judge == Judge::kAnswers ? "exact_match" : "nll";
}

// What counts as the same, as a difference of what is tested: `margin` of perplexity in nats, or
// of the share of answers as it is.
inline double bound_of(Judge judge, double margin) {
  return judge == Judge::kAnswers ? margin : margin_in_nats(margin);
}

}  // namespace pressroom
