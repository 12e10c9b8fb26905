#include "stats/verdict.h"

#include <algorithm>
#include <cmath>

#include "stats/number_text.h"
#include "stats/stars.h"

namespace pressroom {
namespace {

constexpr double kAbsurdPercent = 1e6;
constexpr std::int64_t kAbsurdDocuments = 1'000'000;

// `value` without places after the last of `place` (a power of ten): 1234 is 1200 at 100.
std::string to_place(double value, int exponent) {
  if (exponent < -4) {
    const int digits = static_cast<int>(std::floor(std::log10(value))) - exponent + 1;
    return significant(value, std::max(1, digits));
  }
  if (exponent <= 0) return fixed(value, -exponent);
  const double place = std::pow(10.0, exponent);
  return fixed(std::round(value / place) * place, 0);
}

// Exponent of the last digit worth showing of a half width: one digit, two below a leading 4.
int last_place(double half_width) {
  const int exponent = static_cast<int>(std::floor(std::log10(half_width)));
  return half_width / std::pow(10.0, exponent) < 4 ? exponent - 1 : exponent;
}

const char* direction(double percent) { return percent > 0 ? "worse" : "better"; }

// "2.1 % +- 0.4 %"
std::string size_with_interval(double percent, double half_width) {
  const double size = std::abs(percent);
  if (!(size < kAbsurdPercent)) return "more than 10^6 %";
  if (!(half_width > 0)) return significant(size, 2) + " %";
  if (!(half_width < kAbsurdPercent)) {
    return significant(size, 2) + " % +- more than 10^6 %";
  }
  const int place = last_place(half_width);
  return to_place(size, place) + " % +- " + to_place(half_width, place) + " %";
}

// "0.2 % better"
std::string signed_percent(double percent) {
  if (std::abs(percent) >= kAbsurdPercent) return "more than 10^6 % " + std::string("worse");
  return significant(std::abs(percent), 2) + " % " + direction(percent);
}

std::string documents_text(std::int64_t needed, std::size_t n) {
  if (needed > kAbsurdDocuments) return "more than 10^6 documents";
  std::int64_t unit = 1;
  while (needed / unit >= 100) unit *= 10;
  const std::int64_t rounded = (needed + unit / 2) / unit * unit;
  const bool says_more = rounded > static_cast<std::int64_t>(n);
  return "about " + std::to_string(says_more ? rounded : needed) + " documents";
}

std::string unresolved(const Comparison& c) {
  const std::optional<std::int64_t> needed = c.more.documents_needed;
  if (needed && *needed > static_cast<std::int64_t>(c.test.n)) {
    return "not resolved: needs " + documents_text(*needed, c.test.n);
  }
  return "not resolved: between " + signed_percent(percent_of_ppl(c.test.ci95->low)) + " and " +
         signed_percent(percent_of_ppl(c.test.ci95->high));
}

std::string of_tested(const Comparison& c, double margin) {
  const bool equivalent =
      c.more.p_equivalence_holm && *c.more.p_equivalence_holm < kSignificanceLevel;
  const std::string within = "within " + margin_text(margin);
  if (!c.significant()) return equivalent ? "equivalent " + within : unresolved(c);
  const double percent = percent_of_ppl(c.test.mean);
  const double half_width = std::max(percent_of_ppl(c.test.ci95->high) - percent,
                                     percent - percent_of_ppl(c.test.ci95->low));
  return std::string(direction(percent)) + " by " + size_with_interval(percent, half_width) +
         (equivalent ? ", " + within : "");
}

std::string of_deterministic(const Comparison& c) {
  if (c.test.mean == 0) return "identical";
  return "deterministic: every document " + signed_percent(percent_of_ppl(c.test.mean));
}

std::string of_few(const Comparison& c) {
  return c.test.n == 1 ? "one document: no test" : "no document: no test";
}

std::string words(const Comparison& c, double margin) {
  switch (c.status) {
    case ComparisonStatus::kTested:
      return of_tested(c, margin);
    case ComparisonStatus::kDeterministic:
      return of_deterministic(c);
    case ComparisonStatus::kTooFew:
      return of_few(c);
    default:
      return to_string(c.status) + (c.reason.empty() ? "" : ": " + c.reason);
  }
}

}  // namespace

double percent_of_ppl(double nll_difference) { return 100 * std::expm1(nll_difference); }

std::string margin_text(double margin) {
  std::string text = significant(100 * margin, 4);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text + " %";
}

std::string verdict(const Comparison& comparison, double margin) {
  std::string text = words(comparison, margin);
  if (!comparison.partial.empty()) text += " (" + comparison.partial + ")";
  return text;
}

}  // namespace pressroom
