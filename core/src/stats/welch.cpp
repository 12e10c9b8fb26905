#include "stats/welch.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "stats/moments.h"

namespace pressroom {

Welch welch(const std::vector<double>& first, const std::vector<double>& second) {
  Welch test;
  if (first.size() < 2 || second.size() < 2) return test;
  const Moments a = moments(first);
  const Moments b = moments(second);
  const double variance_a = a.standard_error * a.standard_error;  // of the mean
  const double variance_b = b.standard_error * b.standard_error;
  const double variance = variance_a + variance_b;
  if (!(variance > 0)) return test;
  // By shares of the variance, whose squares cannot underflow as those of tiny variances would.
  const double share_a = variance_a / variance;
  const double share_b = variance_b / variance;
  test.t = (a.mean - b.mean) / std::sqrt(variance);
  test.df = 1 / (share_a * share_a / static_cast<double>(first.size() - 1) +
                 share_b * share_b / static_cast<double>(second.size() - 1));
  const boost::math::students_t_distribution<double> student(*test.df);
  test.p = 2 * boost::math::cdf(boost::math::complement(student, std::abs(*test.t)));
  return test;
}

}  // namespace pressroom
