#include "stats/paired_t.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "stats/moments.h"

namespace pressroom {

PairedTest paired_test(const std::vector<double>& differences) {
  PairedTest test;
  test.n = differences.size();
  const Moments m = moments(differences);
  test.mean = m.mean;
  test.sd = m.sd;
  test.standard_error = m.standard_error;
  if (test.n < 2) {
    test.no_test = "a paired test needs at least 2 documents and there " +
                   std::string(test.n == 0 ? "are none" : "is 1");
    return test;
  }
  test.df = static_cast<double>(test.n - 1);

  const auto [least, most] = std::minmax_element(differences.begin(), differences.end());
  if (*least == *most) {
    test.mean = *least;
    test.sd = test.standard_error = 0;
    test.deterministic = true;
    test.no_test = "every document has the same difference: there is no variance to test against";
    return test;
  }

  // Upper tails by complement: 1 - cdf would lose every digit of a small p.
  const boost::math::students_t_distribution<double> student(test.df);
  const double half_width =
      boost::math::quantile(boost::math::complement(student, 0.025)) * test.standard_error;
  test.ci95 = Interval{test.mean - half_width, test.mean + half_width};
  test.t = test.mean / test.standard_error;
  test.p = 2 * boost::math::cdf(boost::math::complement(student, std::abs(*test.t)));
  return test;
}

}  // namespace pressroom
