#include "report/table/table_cells.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/number_text.h"
#include "base/strings.h"
#include "results/cell.h"
#include "results/metric_names.h"
#include "stats/significance.h"

namespace pressroom {
namespace {

constexpr int kMostDecimals = 6;

std::string with_sign(double value, const std::string& text) {
  return value > 0 ? "+" + text : text;
}

// Places after the point that show two significant digits of `half_width`.
int decimals_for(double half_width) {
  const int exponent = static_cast<int>(std::floor(std::log10(half_width)));
  return std::max(0, 1 - exponent);
}

std::string mean_with_interval(double mean, double half_width) {
  const int decimals = half_width > 0 ? decimals_for(half_width) : kMostDecimals + 1;
  if (decimals > kMostDecimals) {
    return with_sign(mean, significant(mean, 3)) + " +-" + significant(half_width, 2);
  }
  return with_sign(mean, fixed(mean, decimals)) + " +-" + fixed(half_width, decimals);
}

// `mean` with the interval of the test, which is in units of 1 / `scale`.
TableCell change_cell(const Comparison& c, double mean, double scale) {
  switch (c.status) {
    case ComparisonStatus::kTested:
      return {mean_with_interval(mean, scale * (c.test.mean - c.test.ci95->low)), mean, false};
    case ComparisonStatus::kDeterministic:
    case ComparisonStatus::kEqual:
    case ComparisonStatus::kTooFew:
      return {with_sign(mean, significant(mean, 3)), mean, false};
    default:
      return {to_string(c.status), {}, false};
  }
}

// "recall, needle": the datasets that are judged so.
std::string judged_so(const ComparisonReport& report, const Measure& judge) {
  std::vector<std::string> names;
  std::string text;
  for (const Comparison& c : report.to_baseline.comparisons) {
    if (c.judge != judge || std::count(names.begin(), names.end(), c.dataset) > 0) continue;
    names.push_back(c.dataset);
    text += (text.empty() ? "" : ", ") + c.dataset;
  }
  return text;
}

std::string test_note(const Family& family) {
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  for (const Comparison& c : family.comparisons) {
    if (!c.test.p) continue;
    least = std::min(least, c.test.n);
    most = std::max(most, c.test.n);
  }
  if (most == 0) return "test: none could be made.";
  const std::string range = least == most ? "" : std::to_string(least) + " to ";
  return "test: paired t, two-sided; the unit is the document: " + range + std::to_string(most) +
         " of them.";
}

}  // namespace

TableCell metric_cell(const MetricSummary* metric, const MetricColumn& column) {
  if (metric == nullptr) return {};
  const double value = metric->mean() / column.divisor;
  return {column.decimals < 0 ? significant(value, column.digits) : fixed(value, column.decimals),
          value, false};
}

TableCell amount_cell(const CellGroup& group) {
  const std::string exactly = group.amount_text();
  const bool shown = group.by_budget || exactly.size() <= 6;
  return {shown ? exactly : significant(group.sparsity, 4), group.amount(), false};
}

TableCell match_cell(const CellGroup& group) {
  const std::optional<double> share = exact_match(group);
  if (!share) return {};
  return {fixed(100 * *share, 1), 100 * *share, false};
}

TableCell match_delta_cell(const Comparison* comparison) {
  if (comparison == nullptr || comparison->judge != Measure::kAnswers) return {};
  return change_cell(*comparison, 100 * comparison->told(), 100);
}

TableCell delta_cell(const Comparison* comparison) {
  if (comparison == nullptr || comparison->judge != Measure::kNll) return {};
  return change_cell(*comparison, comparison->test.mean, 1);
}

TableCell p_cell(const Comparison* comparison) {
  if (comparison == nullptr) return {};
  if (comparison->status == ComparisonStatus::kDeterministic) return {"deterministic", {}, false};
  if (!comparison->p_holm) return {};
  std::string marks = stars(comparison->p_holm);
  marks.resize(3, ' ');
  return {significant(*comparison->p_holm, 2) + " " + marks, comparison->p_holm, false};
}

std::vector<std::string> reading_notes(const ComparisonReport& report, bool ranked,
                                       const std::string& told,
                                       const std::vector<std::string>& held_more) {
  std::vector<std::string> notes;
  const Family& family = report.to_baseline;
  if (report.judges(Measure::kNll)) {
    notes.push_back("delta nll: mean over documents of method minus " + report.baseline +
                    ", above zero is worse; +- 95 % interval, of each test alone.");
  }
  if (report.judges(Measure::kAnswers)) {
    notes.push_back("judged by its answers, not by nll: " + judged_so(report, Measure::kAnswers) +
                    ". match: answers of which every token was right.");
    notes.push_back("delta match: mean over documents of method minus " + report.baseline +
                    ", below zero is worse; +- 95 % interval, of each test alone.");
  }
  if (!family.comparisons.empty()) {
    notes.push_back(test_note(family));
    notes.push_back("p: Holm-adjusted over " + std::to_string(family.tests()) +
                    " tests; *** p < .001, ** p < .01, * p < .05.");
    notes.push_back("family: " + family.name + ".");
  }
  notes.push_back("other columns: means over seeds.");
  if (!held_more.empty()) {
    std::string rows;
    for (const std::string& row : held_more) rows += (rows.empty() ? "" : "; ") + row;
    notes.push_back(std::string("!: left out of best, as ") +
                    (held_more.size() == 1 ? "it" : "each") +
                    " held over 5 % more entries on average than its peers (the median of the "
                    "others): " +
                    rows + ".");
  }
  if (ranked) {
    notes.push_back("best: not told apart from the best, of methods of one " + told +
                    " that kept equally much (within 5 %).");
  }
  return notes;
}

namespace {

struct Failure {
  std::string reason;               // without the place
  std::vector<std::string> places;  // each once, the first few
  std::vector<Cell> cells;
  std::string alone;  // the text where there is one cell
};

// "10146.txt@1024, layer 0" of the message of an Error, "" where there is no place. A place in a
// run names a window, "document@token", or a layer; what stands before a colon may be a part of
// what went wrong, too: "h2o failed while giving scores: ...".
std::string place_in(const std::string& reason) {
  const std::string line = reason.substr(0, reason.find('\n'));
  const std::size_t end = line.find(": ");
  if (end == std::string::npos) return "";
  std::string place = line.substr(0, end);
  const bool is_place = place.find('@') != std::string::npos || begins_with(place, "layer ");
  return is_place ? place : "";
}

Cell cell_of(const CellGroup& group, const Gap& gap) {
  Cell cell;
  cell.method = group.method;
  cell.sparsity = group.sparsity;
  cell.budget_tokens = group.budget_tokens;
  cell.dataset = group.dataset;
  cell.context_tokens = group.context_tokens;
  cell.seed = gap.seed;
  cell.by_budget = group.by_budget;
  return cell;
}

void add(const CellGroup& group, const Gap& gap, std::vector<Failure>& failures) {
  const std::string place = place_in(gap.reason);
  const std::string reason = gap.reason.substr(place.size());
  auto same = std::find_if(failures.begin(), failures.end(),
                           [&](const Failure& other) { return other.reason == reason; });
  if (same == failures.end()) {
    same = failures.insert(same, Failure());
    same->reason = reason;
    same->alone = group.where() + ", seed " + std::to_string(gap.seed) + ": " + gap.reason;
  }
  same->cells.push_back(cell_of(group, gap));
  std::vector<std::string>& places = same->places;
  const bool is_new = std::find(places.begin(), places.end(), place) == places.end();
  if (is_new && places.size() <= kMostListed) places.push_back(place);
}

}  // namespace

std::vector<std::string> failures_of(const std::vector<CellGroup>& groups, bool not_run) {
  std::vector<Failure> failures;
  for (const CellGroup& group : groups) {
    for (const Gap& gap : group.gaps) {
      if (not_run || gap.reason != kNotRun) add(group, gap, failures);
    }
  }
  std::vector<std::string> texts;
  texts.reserve(failures.size());
  for (Failure& failure : failures) {
    texts.push_back(failure.cells.size() == 1
                        ? std::move(failure.alone)
                        : cells_in_words(failure.cells) + ": " + first_few(failure.places, "; ") +
                              failure.reason);
  }
  return texts;
}

}  // namespace pressroom
