#include "report/comparison_notes.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "stats/verdict.h"

namespace pressroom {
namespace {

std::string units_note(const std::vector<const Family*>& families) {
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  for (const Family* family : families) {
    for (const Comparison& c : family->comparisons) {
      if (!c.test.p) continue;
      least = std::min(least, c.test.n);
      most = std::max(most, c.test.n);
    }
  }
  if (most == 0) return "test: none could be made.";
  return "test: paired t, two-sided; the unit is the document: n = " +
         (least == most ? "" : std::to_string(least) + " to ") + std::to_string(most) + ".";
}

// Which way Wilcoxon's test went, and how often.
std::string wilcoxon_note(const std::vector<const Family*>& families) {
  std::map<std::string, std::size_t> choices;
  for (const Family* family : families) {
    for (const Comparison& c : family->comparisons) {
      if (c.more.wilcoxon.p) ++choices[to_string(c.more.wilcoxon.method)];
    }
  }
  std::string text;
  for (const auto& [choice, count] : choices) {
    text += (text.empty() ? "" : "; ") + choice;
    if (choices.size() > 1) text += " for " + std::to_string(count);
  }
  if (text.empty()) return "";
  return "Wilcoxon's signed-rank test is in the csv and json formats: " + text + ".";
}

std::string family_note(const Family& family) {
  const std::size_t tests = family.tests();
  return "family of " + std::to_string(tests) + (tests == 1 ? " test" : " tests") +
         ", adjusted by Holm: " + family.name + ".";
}

}  // namespace

std::vector<std::string> comparison_notes(const ComparisonView& view, bool pairs) {
  const ComparisonReport& report = view.report();
  std::vector<const Family*> families = {&report.to_baseline};
  if (!view.changes().comparisons.empty()) families.push_back(&view.changes());
  if (pairs) families.push_back(&report.pairwise);

  const std::string margin = margin_text(report.margin);
  std::vector<std::string> notes = {
      "delta: of the method minus " + report.baseline +
          (families.size() > 1 ? ", of the second minus the first" : "") +
          "; above zero is worse. Every document weighs the same; 95 % interval of the paired t.",
      "ppl: every token weighs the same; mean over seeds.", units_note(families)};
  const std::string wilcoxon = wilcoxon_note(families);
  if (!wilcoxon.empty()) notes.push_back(wilcoxon);
  for (const Family* family : families) notes.push_back(family_note(*family));
  notes.push_back("p (Holm): *** p < .001, ** p < .01, * p < .05.");
  notes.push_back("equivalent: two one-sided t-tests reject a difference of " + margin +
                  " of ppl or more, adjusted in the same families.");
  notes.push_back("needs about N documents: to see a true difference of " + margin +
                  " in 4 of 5 campaigns.");
  notes.insert(notes.end(), view.across().notes.begin(), view.across().notes.end());
  return notes;
}

}  // namespace pressroom
