#include "stats/rates.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

double upper_point(double alpha) {
  return boost::math::quantile(
      boost::math::complement(boost::math::normal_distribution<double>(), alpha));
}

// Connor's number of pairs, not rounded.
double pairs_needed(double differing, double difference, double alpha, double power) {
  const double spread = std::sqrt(std::max(0.0, differing - difference * difference));
  const double points = upper_point(alpha / 2) * std::sqrt(differing);
  return std::pow((points + upper_point(1 - power) * spread) / difference, 2);
}

}  // namespace

Rate rate(std::size_t right, std::size_t asked) {
  PRESSROOM_ASSERT(asked > 0 && right <= asked);
  Rate result;
  result.right = right;
  result.asked = asked;
  const double n = static_cast<double>(asked);
  const double p = result.share();
  const double z = upper_point(0.025);
  const double shrink = 1 + z * z / n;
  const double centre = (p + z * z / (2 * n)) / shrink;
  const double half_width = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink;
  // Exactly so, and not but for rounding, where nothing or all was right.
  result.wilson95.low = right == 0 ? 0 : centre - half_width;
  result.wilson95.high = right == asked ? 1 : centre + half_width;
  return result;
}

std::optional<double> mcnemar(std::size_t first_only, std::size_t second_only) {
  const std::size_t differing = first_only + second_only;
  if (differing == 0) return std::nullopt;
  const boost::math::binomial_distribution<double> coin(static_cast<double>(differing), 0.5);
  const auto fewer = static_cast<double>(std::min(first_only, second_only));
  // The two tails of an even split overlap.
  return std::min(1.0, 2 * boost::math::cdf(coin, fewer));
}

std::optional<std::int64_t> questions_needed(double differing, double difference, double alpha,
                                             double power) {
  if (!(differing > 0)) return std::nullopt;
  const double size = std::abs(difference);
  const double pairs = std::ceil(pairs_needed(std::max(differing, size), size, alpha, power));
  // Negated, to catch NaN as well: neither it nor infinity fits into an integer.
  if (!(pairs < static_cast<double>(kMostDocuments))) return kMostDocuments;
  return static_cast<std::int64_t>(pairs);
}

std::optional<double> least_difference(std::size_t questions, double differing, double alpha,
                                       double power) {
  const auto n = static_cast<double>(questions);
  if (!(differing > 0) || pairs_needed(differing, differing, alpha, power) > n) {
    return std::nullopt;
  }
  // The number needed falls as the difference rises.
  double too_small = 0;
  double enough = differing;
  for (int i = 0; i < 60; ++i) {
    const double middle = too_small + (enough - too_small) / 2;
    (pairs_needed(differing, middle, alpha, power) > n ? too_small : enough) = middle;
  }
  return enough;
}

}  // namespace pressroom
