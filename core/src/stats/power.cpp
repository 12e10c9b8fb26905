#include "stats/power.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace pressroom {
namespace {

// Above it the series of the noncentral t become slow and then overflow, while its numerator -
// normal about the noncentrality - is a constant to six digits.
constexpr double kLargeNoncentrality = 1000;

// The chance that a standard deviation estimated with `df` is below `ratio` times the true one.
double chance_of_spread_below(double ratio, double df) {
  const boost::math::chi_squared_distribution<double> chi_squared(df);
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
  return boost::math::cdf(boost::math::complement(t, critical)) + boost::math::cdf(t, -critical);
}

std::optional<std::int64_t> documents_needed(double sd, double difference, double alpha,
                                             double power) {
  if (!(sd > 0)) return std::nullopt;
  const double guess = approximately_needed(sd / std::abs(difference), alpha, power);
  if (!(guess < static_cast<double>(kMostDocuments))) return kMostDocuments;

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
