#include "stats/equivalence.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace pressroom {

double margin_in_nats(double margin) { return std::log1p(margin); }

Equivalence equivalence(const PairedTest& test, double bound_nats) {
  Equivalence result;
  result.bound_nats = bound_nats;
  if (!(test.standard_error > 0)) return result;
  result.t_lower = (test.mean + bound_nats) / test.standard_error;
  result.t_upper = (test.mean - bound_nats) / test.standard_error;
  const boost::math::students_t_distribution<double> student(test.df);
  const double p_lower = boost::math::cdf(boost::math::complement(student, *result.t_lower));
  const double p_upper = boost::math::cdf(student, *result.t_upper);
  result.p = std::max(p_lower, p_upper);
  return result;
}

}  // namespace pressroom
