#include "stats/t_tests.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace pressroom {

Moments moments(const std::vector<double>& values) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  Moments result{kNone, kNone, kNone};
  if (values.empty()) return result;
  const long double n = static_cast<long double>(values.size());
  long double sum = 0;
  for (const double value : values) sum += value;
  const long double provisional = sum / n;
  result.mean = static_cast<double>(provisional);
  // Residuals from an infinite mean are NaN, and would make the mean itself NaN.
  if (!std::isfinite(provisional)) return result;

  // The residuals' own sum is zero but for rounding, and corrects for it.
  long double residual = 0;
  long double squares = 0;
  for (const double value : values) {
    const long double r = value - provisional;
    residual += r;
    squares += r * r;
  }
  result.mean = static_cast<double>(provisional + residual / n);
  if (values.size() < 2) return result;
  const long double variance = (squares - residual * residual / n) / (n - 1);
  result.sd = static_cast<double>(std::sqrt(variance));
  result.standard_error = static_cast<double>(std::sqrt(variance / n));
  return result;
}

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
  // By the values and not by sd: rounding leaves equal differences a tiny spread, and p would come
  // out as small as one likes.
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

EffectSize effect_size(const PairedTest& test) {
  EffectSize effect;
  if (!(test.sd > 0)) return effect;
  effect.cohen_dz = test.mean / test.sd;
  effect.hedges_gz = *effect.cohen_dz * (1 - 3 / (4 * test.df - 1));
  return effect;
}

Equivalence equivalence(const PairedTest& test, double bound_nats) {
  Equivalence result;
  result.bound_nats = bound_nats;
  if (!(test.standard_error > 0)) return result;
  result.t_lower = (test.mean + bound_nats) / test.standard_error;
  result.t_upper = (test.mean - bound_nats) / test.standard_error;
  const boost::math::students_t_distribution<double> student(test.df);
  const double p_lower = boost::math::cdf(boost::math::complement(student, *result.t_lower));
  const double p_upper = boost::math::cdf(student, *result.t_upper);
  // Equivalent means inside both bounds, so both one-sided tests have to reject (Schuirmann).
  result.p = std::max(p_lower, p_upper);
  return result;
}

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

namespace {

// Above it the series of the noncentral t become slow and then overflow, while its numerator -
// normal about the noncentrality - is a constant to six digits.
constexpr double kLargeNoncentrality = 1000;

// The chance that a standard deviation estimated with `df` is below `ratio` times the true one.
double chance_of_spread_below(double ratio, double df) {
  const boost::math::chi_squared_distribution<double> chi_squared(df);
  // At a million times the true deviation the chance is 1; Boost refuses an infinite argument.
  const double largest = 1e6;
  return boost::math::cdf(chi_squared, df * std::pow(std::min(ratio, largest), 2));
}

// Right within a document or two but for the smallest n (Guenther, American Statistician 35, 1981).
double approximately_needed(double sd_per_difference, double alpha, double power) {
  const boost::math::normal_distribution<double> normal;
  const double critical = boost::math::quantile(boost::math::complement(normal, alpha / 2));
  const double points = critical + boost::math::quantile(normal, power);
  return std::pow(points * sd_per_difference, 2) + critical * critical / 2;
}

}  // namespace

double paired_t_power(std::int64_t n, double difference, double sd, double alpha) {
  const double df = static_cast<double>(n - 1);
  const double noncentrality = std::abs(difference) / sd * std::sqrt(static_cast<double>(n));
  const double critical = boost::math::quantile(
      boost::math::complement(boost::math::students_t_distribution<double>(df), alpha / 2));
  if (noncentrality > kLargeNoncentrality) {
    return chance_of_spread_below(noncentrality / critical, df);
  }
  const boost::math::non_central_t_distribution<double> t(df, noncentrality);
  // The two-sided test rejects on the other side as well.
  return boost::math::cdf(boost::math::complement(t, critical)) + boost::math::cdf(t, -critical);
}

std::optional<std::int64_t> documents_needed(double sd, double difference, double alpha,
                                             double power) {
  if (!(sd > 0)) return std::nullopt;
  const double guess = approximately_needed(sd / std::abs(difference), alpha, power);
  // Negated, to catch NaN as well: neither it nor infinity fits into an integer.
  if (!(guess < static_cast<double>(kMostDocuments))) return kMostDocuments;

  // Power rises with n: growing steps bracket the answer, which the estimate misses by few, and
  // bisection finds it.
  std::int64_t too_few = 1;
  std::int64_t enough = std::max<std::int64_t>(2, static_cast<std::int64_t>(guess) - 1);
  std::int64_t step = 1;
  while (enough < kMostDocuments && paired_t_power(enough, difference, sd, alpha) < power) {
    too_few = enough;
    enough = std::min(enough + step, kMostDocuments);
    step *= 2;
  }
  while (enough - too_few > 1) {
    const std::int64_t middle = too_few + (enough - too_few) / 2;
    (paired_t_power(middle, difference, sd, alpha) < power ? too_few : enough) = middle;
  }
  return enough;
}

}  // namespace pressroom
