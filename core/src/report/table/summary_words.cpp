#include "report/table/summary_words.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

// A change of log perplexity as one of perplexity, "+9.2"; of the share of wrong answers as one of
// exact match in points, "-55".
std::string change_text(Judge judge, double difference, int decimals) {
  const double worse = change_of(judge, difference);
  const double change = judge == Judge::kAnswers ? 0 - worse : worse;
  const std::string text = fixed(change, decimals);
  return (change > 0 && text.find_first_of("123456789") != std::string::npos ? "+" : "") + text;
}

}  // namespace

std::string counted(std::size_t count, const std::string& singular) {
  return std::to_string(count) + " " + singular + (count == 1 ? "" : "s");
}

std::string percent(double fraction) { return significant(100 * fraction, 3) + " %"; }

std::string loss_text(const Comparison& comparison, const std::string& baseline) {
  const PairedTest& test = comparison.test;
  const Judge judge = comparison.judge;
  const bool by_answers = judge == Judge::kAnswers;
  const std::string unit = by_answers ? " points" : " %";
  const int decimals = std::min(6, percent_decimals(comparison));
  std::string text = (by_answers ? "exact match " : "perplexity ") +
                     change_text(judge, test.mean, decimals) + unit;
  if (test.ci95 && comparison.p_holm) {
    const std::string low = change_text(judge, test.ci95->low, decimals);
    const std::string high = change_text(judge, test.ci95->high, decimals);
    text += " (95 % interval " + (by_answers ? high + " to " + low : low + " to " + high) + unit +
            ", p = " + significant(*comparison.p_holm, 2) + " after Holm)";
  } else {
    text += " (" + (comparison.reason.empty() ? std::string("no test") : comparison.reason) + ")";
  }
  return text + " against " + baseline;
}

std::string relative(double value, double reference, const std::string& baseline) {
  const double change = value / reference - 1;
  if (change == 0) return "as " + baseline;
  return percent(std::abs(change)) + (change < 0 ? " below " : " above ") + baseline;
}

std::string listed(const std::vector<std::string>& words, std::size_t most) {
  std::string text;
  const std::size_t shown = words.size() > most ? most - 1 : words.size();
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  if (shown < words.size()) text += " and " + std::to_string(words.size() - shown) + " more";
  return text;
}

}  // namespace pressroom
