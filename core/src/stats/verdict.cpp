#include "stats/verdict.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"
#include "stats/significance.h"

namespace pressroom {
namespace {

constexpr double kAbsurdPercent = 1e6;
constexpr int kMostDecimals = 6;
constexpr std::int64_t kAbsurdDocuments = 1'000'000;

// `value` with digits down to 10^exponent, which is at most 1.
std::string to_place(double value, int exponent) {
  if (exponent < -4) {
    const int digits = static_cast<int>(std::floor(std::log10(value))) - exponent + 1;
    return significant(value, std::max(1, digits));
  }
  return fixed(value, -exponent);
}

// Exponent of the last digit worth showing of a half width: one digit, two below a leading 4, and
// those before the point.
int last_place(double half_width) {
  const int exponent = static_cast<int>(std::floor(std::log10(half_width)));
  return std::min(0, half_width / std::pow(10.0, exponent) < 4 ? exponent - 1 : exponent);
}

const char* direction(double percent) { return percent > 0 ? "worse" : "better"; }

// What stands behind a number.
std::string unit_of(const Measure& judge) {
  switch (judge.scale) {
    case Measure::Scale::kPerplexity:
      return " %";
    case Measure::Scale::kShare:
      return " points";
    case Measure::Scale::kOwn:
      break;
  }
  return judge.unit.empty() || judge.unit == "1" ? "" : " " + judge.unit;
}

// Of percents and points alone: an own unit may well be bytes.
bool is_absurd(double size, const Measure& judge) {
  return judge.scale != Measure::Scale::kOwn && !(size < kAbsurdPercent);
}

// "2.1 % +- 0.4 %", "55 +- 6 points"
std::string size_with_interval(double percent, double half_width, const Measure& judge) {
  const double size = std::abs(percent);
  const std::string unit = unit_of(judge);
  const std::string inner = judge.scale == Measure::Scale::kPerplexity ? unit : "";
  if (is_absurd(size, judge)) return "more than 10^6" + unit;
  if (!(half_width > 0)) return significant(size, 2) + unit;
  if (is_absurd(half_width, judge)) {
    return significant(size, 2) + inner + " +- more than 10^6" + unit;
  }
  const int place = last_place(half_width);
  return to_place(size, place) + inner + " +- " + to_place(half_width, place) + unit;
}

// "0.2 % better"
std::string signed_percent(double percent, const Measure& judge) {
  if (is_absurd(std::abs(percent), judge)) return "more than 10^6 % " + std::string("worse");
  return significant(std::abs(percent), 2) + unit_of(judge) + " " + direction(percent);
}

std::string documents_text(std::int64_t needed, std::size_t n) {
  if (needed > kAbsurdDocuments) return "more than 10^6 documents";
  std::int64_t unit = 1;
  // Two digits: the spread that it rests on may be off by a third (docs/statistics.md).
  while (needed / unit >= 100) unit *= 10;
  const std::int64_t rounded = (needed + unit / 2) / unit * unit;
  // Rounded down, it might ask for no more documents than there were.
  const bool says_more = rounded > static_cast<std::int64_t>(n);
  return "about " + std::to_string(says_more ? rounded : needed) + " documents";
}

// "+1.3 %"; places beyond kMostDecimals are digits of the number itself.
std::string with_sign(double percent, int decimals, const Measure& judge) {
  const std::string unit = unit_of(judge);
  if (percent > 0 && is_absurd(percent, judge)) return "more than 10^6" + unit;
  if (decimals > kMostDecimals) return (percent > 0 ? "+" : "") + significant(percent, 3) + unit;
  const std::string text = fixed(percent, decimals);
  // What is zero as printed has no sign: neither "+0.0" nor "-0.0".
  if (text.find_first_of("123456789") == std::string::npos) return fixed(0, decimals) + unit;
  return (percent > 0 ? "+" : "") + text + unit;
}

std::string unresolved(const Comparison& c, double margin) {
  const int places = percent_decimals(c);
  // Nothing of a percent that is smaller is worth a digit; of another unit it may be.
  const int decimals =
      c.judge.scale == Measure::Scale::kOwn ? places : std::min(kMostDecimals, places);
  // As they are read: a perplexity that rises is worse, and so is a share of right answers that
  // falls.
  const bool falls = c.judge.turns();
  const double low = change_of(c.judge, falls ? -c.test.ci95->high : c.test.ci95->low);
  const double high = change_of(c.judge, falls ? -c.test.ci95->low : c.test.ci95->high);
  std::string text = "not resolved (" + with_sign(low, decimals, c.judge) + " to " +
                     with_sign(high, decimals, c.judge) + ")";
  const std::optional<std::int64_t> needed = c.more.documents_needed;
  if (needed && *needed > static_cast<std::int64_t>(c.test.n)) {
    text +=
        ": needs " + documents_text(*needed, c.test.n) + " to tell " + margin_text(margin, c.judge);
  }
  return text;
}

std::string of_tested(const Comparison& c, double margin) {
  const bool equivalent =
      c.more.p_equivalence_holm && *c.more.p_equivalence_holm < kSignificanceLevel;
  const std::string within = equivalent ? "within " + margin_text(margin, c.judge) : "";
  // A difference may be both: surely there, and surely below the margin. Then both are told.
  if (!c.significant()) return equivalent ? "equivalent " + within : unresolved(c, margin);
  const double percent = change_of(c.judge, c.test.mean);
  const double half_width = std::max(change_of(c.judge, c.test.ci95->high) - percent,
                                     percent - change_of(c.judge, c.test.ci95->low));
  return std::string(direction(percent)) + " by " +
         size_with_interval(percent, half_width, c.judge) + (equivalent ? ", " + within : "");
}

std::string of_deterministic(const Comparison& c) {
  if (c.test.mean == 0) {
    const bool same_nll = c.judge == Measure::kNll || (c.nll().mean == 0 && c.nll().sd == 0);
    if (same_nll) return "identical";
    return c.judge == Measure::kAnswers ? "every document as many right"
                                        : "every document the same " + c.judge.name;
  }
  return "deterministic: every document " +
         signed_percent(change_of(c.judge, c.test.mean), c.judge);
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

double change_of(const Measure& judge, double difference) {
  switch (judge.scale) {
    case Measure::Scale::kPerplexity:
      return percent_of_ppl(difference);
    case Measure::Scale::kShare:
      return 100 * difference;
    case Measure::Scale::kOwn:
      break;
  }
  return difference;
}

int percent_decimals(const Comparison& comparison, int otherwise) {
  const PairedTest& test = comparison.test;
  if (!test.ci95) return otherwise;
  const double half_width =
      change_of(comparison.judge, test.mean) - change_of(comparison.judge, test.ci95->low);
  if (!(half_width > 0) || !std::isfinite(half_width)) return otherwise;
  return std::max(0, 1 - static_cast<int>(std::floor(std::log10(half_width))));
}

std::string margin_text(double margin, const Measure& judge) {
  const double factor = judge.scale == Measure::Scale::kOwn ? 1 : 100;
  std::string text = significant(factor * margin, 4);
  // "1e-05" has no zeros to lose behind its point.
  if (text.find('.') != std::string::npos && text.find('e') == std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text + (judge.scale == Measure::Scale::kShare && text == "1" ? " point" : unit_of(judge));
}

std::string verdict(const Comparison& comparison, double margin) {
  std::string text = words(comparison, margin);
  if (!comparison.partial.empty()) text += " (" + comparison.partial + ")";
  return text;
}

}  // namespace pressroom
