#include "stats/across.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pressroom/error.h"
#include "stats/holm.h"
#include "stats/power.h"
#include "stats/stars.h"

namespace pressroom {
namespace {

const Origin& origin_of(const Across& across, const std::string& label) {
  const auto found = std::find_if(across.origins.begin(), across.origins.end(),
                                  [&label](const Origin& origin) { return origin.label == label; });
  PRESSROOM_ASSERT(found != across.origins.end());
  return *found;
}

// The sparsity at which the baseline stands in a comparison's place.
double baseline_sparsity(const Across& across, const std::string& baseline, const Comparison& c) {
  double least = 1;
  for (const CellResult& result : across.results) {
    const Cell& cell = result.cell;
    if (cell.method == baseline && cell.dataset == c.dataset &&
        cell.context_tokens == c.context_tokens) {
      least = std::min(least, cell.sparsity);
    }
  }
  return least;
}

// Adjusts the p-values of a family whose members were adjusted in another one.
void adjust(Family& family, double margin) {
  std::vector<std::optional<double>> p;
  std::vector<std::optional<double>> p_equivalence;
  for (const Comparison& c : family.comparisons) {
    p.push_back(c.test.p);
    p_equivalence.push_back(c.more.equivalence.p);
  }
  p = holm(p);
  p_equivalence = holm(p_equivalence);
  const double level =
      kSignificanceLevel / static_cast<double>(std::max<std::size_t>(1, family.tests()));
  for (std::size_t i = 0; i < p.size(); ++i) {
    Comparison& c = family.comparisons[i];
    c.p_holm = p[i];
    c.more.p_equivalence_holm = p_equivalence[i];
    if (c.more.documents_needed) {
      c.more.documents_needed = documents_needed(c.test.sd, margin_in_nats(margin), level);
    }
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::string Across::label_of(const std::string& word) const {
  std::vector<std::string> labels;
  for (const Origin& origin : origins) {
    if (origin.label == word) return word;
    labels.push_back(origin.label);
  }
  for (const Origin& origin : origins) {
    if (origin.method == word) return origin.label;
  }
  const std::string near = closest_match(word, labels);
  throw Error({"no campaign ran this method", "", joined(labels), word,
               near.empty() ? "choose one of these" : "did you mean \"" + near + "\"?"});
}

AcrossReport compare(const Across& across, const CompareOptions& options) {
  AcrossReport both;
  both.report = compare(across.results, options);
  if (across.names.size() < 2) return both;
  const std::string where = ", " + joined(across.names);
  Family& pairwise = both.report.pairwise;
  both.report.to_baseline.name =
      "all methods x sparsities x datasets x contexts against " + options.baseline + where;
  both.changes.name = "each method in one campaign and in another, at equal sparsity" + where;
  pairwise.name = "all pairs of different methods at equal sparsity x datasets x contexts" + where;

  const auto is_change = [&across](const Comparison& c) {
    return origin_of(across, c.first).method == origin_of(across, c.second).method;
  };
  for (const Comparison& c : both.report.to_baseline.comparisons) {
    if (is_change(c) && c.sparsity == baseline_sparsity(across, options.baseline, c)) {
      both.changes.comparisons.push_back(c);
    }
  }
  std::vector<Comparison> others;
  for (Comparison& c : pairwise.comparisons) {
    (is_change(c) ? both.changes.comparisons : others).push_back(std::move(c));
  }
  pairwise.comparisons = std::move(others);
  adjust(both.changes, options.margin);
  adjust(pairwise, options.margin);
  return both;
}

}  // namespace pressroom
