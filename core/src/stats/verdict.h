// A comparison in words, as a reader would say it.
//
//   "worse by 2.1 % +- 0.4 %"                   perplexity, with the 95 % interval, p_holm < .05
//   "worse by 0.30 % +- 0.13 %, within 1 %"     and so small that it is equivalent as well
//   "equivalent within 1 %"                     TOST, adjusted over the family
//   "not resolved (-3.0 % to +4.0 %): needs about 80 documents to tell 1 %"   neither; the interval
//   "not resolved (-0.20 % to +1.30 %)"         neither, with documents enough
//   "identical", "deterministic: every document 0.3 % worse", "one document: no test"
//   "worse by 55 +- 6 points"                   judged by answers: of exact match, in percent
//   points
//   "worse by 0.012 +- 0.004 nats"              of a metric, in its own unit; none for a ratio
//   "incomplete: h2o_s0.9, seed 43: out of memory" ...
#pragma once

#include <string>

#include "stats/comparison.h"

namespace pressroom {

// `margin` is that of the comparison's equivalence test: of perplexity, of the share of answers, or
// in the metric's own unit; 0 where there is none.
// The half width is the larger of the interval's two, which exp() makes unequal. "(2 of 3 seeds)"
// follows when cells have still to be run.
std::string verdict(const Comparison& comparison, double margin);

// A change of mean nll, nats per token, as one of perplexity: 0.0208 is 2.1 (percent).
double percent_of_ppl(double nll_difference);

// A difference of what is tested, above zero is worse: of perplexity in percent, of the share of
// wrong answers in points, of a metric as it is.
double change_of(const Measure& judge, double difference);

// Places after the point that such a change is worth: two digits of the
// interval's smaller half width, none from 10 % on; `otherwise` without an interval.
int percent_decimals(const Comparison& comparison, int otherwise = 2);

// "1 %" for 0.01, "0.5 %" for 0.005; "0.5 points" where answers are judged by; "0.02 nats/token" of
// a metric in its own unit.
std::string margin_text(double margin, const Measure& judge = {});

}  // namespace pressroom
