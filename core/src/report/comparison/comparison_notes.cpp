#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "report/comparison/comparison_table.h"
#include "report/comparison/metric_text.h"
#include "report/table/rate_cells.h"
#include "report/table/standings.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

constexpr std::int64_t kShort = 1000;  // tokens below which windows of one text are much alike

std::string units_note(const std::vector<const Family*>& families, const std::string& texts) {
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
         (least == most ? "" : std::to_string(least) + " to ") + std::to_string(most) +
         " windows of " + texts + ".";
}

struct Texts {
  std::string count;        // "1 text", "3 to 5 texts": of each dataset
  bool many_short = false;  // several windows below kShort tokens of one text
};

Texts texts_of(const std::vector<CellGroup>& groups) {
  std::map<std::string, std::set<std::string>> texts;  // by dataset
  std::map<std::pair<std::string, std::int64_t>, std::set<std::string>> windows;
  for (const CellGroup& group : groups) {
    for (const CellResult* cell : group.cells) {
      for (const DocumentResult& document : cell->documents) {
        texts[group.dataset].insert(document.id.substr(0, document.id.rfind('@')));
        windows[{group.dataset, group.context_tokens}].insert(document.id);
      }
    }
  }
  Texts found;
  for (const auto& [place, ids] : windows) {
    if (place.second < kShort && ids.size() > texts[place.first].size()) found.many_short = true;
  }
  std::set<std::size_t> counts;
  for (const auto& [dataset, ids] : texts) counts.insert(ids.size());
  if (counts.empty()) return found;
  found.count = (counts.size() > 1 ? std::to_string(*counts.begin()) + " to " : "") +
                std::to_string(*counts.rbegin()) + (*counts.rbegin() == 1 ? " text" : " texts");
  return found;
}

// Whether several seeds drew one window: tests have it once, perplexities each time.
bool drawn_repeatedly(const ComparisonView& view) {
  for (const Comparison& c : view.report().to_baseline.comparisons) {
    const CellGroup* group = view.second(c);
    // In part n is below what was drawn for another reason: a seed was left out.
    if (group == nullptr || c.test.n == 0 || !c.partial.empty()) continue;
    std::size_t drawn = 0;
    for (const CellResult* cell : group->cells) drawn += cell->documents.size();
    if (c.test.n < drawn) return true;
  }
  return false;
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

// Which datasets are judged by answers, and so what their tests and verdicts are of.
std::string answers_note(const ComparisonReport& report) {
  std::set<std::string> datasets;
  std::string names;
  for (const Comparison& c : report.to_baseline.comparisons) {
    if (c.judge != Measure::kAnswers || !datasets.insert(c.dataset).second) continue;
    names += (names.empty() ? "" : ", ") + c.dataset;
  }
  return "judged by its answers, not by nll: " + names +
         ". match: answers of which every token was right; a document counts by its share of them.";
}

// What "!" means, with the rows that have it; "" where none has.
std::string held_note(const ComparisonView& view) {
  const std::vector<bool> more = held_more(view.groups(), view.report().baseline);
  std::string rows;
  std::size_t count = 0;
  for (std::size_t i = 0; i < more.size(); ++i) {
    if (more[i]) rows += (count++ == 0 ? "" : "; ") + view.groups()[i].where();
  }
  if (count == 0) return "";
  return "!: " + rows +
         (count == 1
              ? " held over 5 % more entries on average than its peers: its verdict does not "
                "compare like with like."
              : " each held over 5 % more entries on average than its peers: these verdicts "
                "do not compare like with like.");
}

std::string family_note(const Family& family) {
  const std::size_t tests = family.tests();
  return "family of " + std::to_string(tests) + (tests == 1 ? " test" : " tests") +
         ", adjusted by Holm: " + family.name + ".";
}

const char* const kIntervals =
    "intervals: of each test alone; p (Holm), its stars and verdicts allow for the family.";

// What must be known of perplexities, nlls and answers. `both`: some comparisons are of two
// methods.
std::vector<std::string> loss_reading(const ComparisonReport& report, bool both) {
  return {"delta: of the method minus " + report.baseline +
              (both ? ", of the second minus the first" : "") +
              (report.judges(Measure::kAnswers)
                   ? "; of ppl and nll above zero is worse, of match below zero."
                   : "; above zero is worse.") +
              " Every document weighs the same; 95 % interval of the paired t.",
          kIntervals, "ppl: every token weighs the same; mean over seeds."};
}

// What the verdicts on perplexity and answers go by.
std::vector<std::string> loss_margin_notes(const ComparisonReport& report) {
  const std::string margin = margin_text(report.margin_of(Measure::kNll));
  const std::string points =
      report.judges(Measure::kAnswers)
          ? ", or " + margin_text(report.margin_of(Measure::kAnswers), Measure::kAnswers) +
                " of match,"
          : "";
  return {
      "equivalent: two one-sided t-tests reject a difference of " + margin + " of ppl" + points +
          " or more, adjusted in the same families.",
      "needs about N documents: to see a true difference of " + margin + " in 4 of 5 campaigns."};
}

}  // namespace

std::vector<std::string> comparison_notes(const ComparisonView& view, bool pairs) {
  const ComparisonReport& report = view.report();
  std::vector<const Family*> families = {&report.to_baseline};
  if (!view.changes().comparisons.empty()) families.push_back(&view.changes());
  if (pairs) families.push_back(&report.pairwise);

  const Texts texts = texts_of(view.groups());
  const Measure* own = own_measure(report);
  std::vector<std::string> notes;
  if (own != nullptr) {
    notes = metric_reading(view, *own, families.size() > 1);
    notes.push_back(kIntervals);
  } else {
    notes = loss_reading(report, families.size() > 1);
  }
  notes.push_back(units_note(families, texts.count));
  if (report.judges(Measure::kAnswers)) notes.push_back(answers_note(report));
  const bool by_question = std::any_of(families.begin(), families.end(), [](const Family* family) {
    return family->question_tests() > 0;
  });
  if (by_question) notes.push_back(rate_note(true));
  const std::string held = held_note(view);
  if (!held.empty()) notes.push_back(held);
  if (texts.many_short) {
    notes.emplace_back(
        "windows of one text are not independent, least of all below 1000 tokens: p may be too "
        "small.");
  }
  if (drawn_repeatedly(view)) {
    notes.push_back(std::string("several seeds drew one window: tests have it once, ") +
                    (own == nullptr ? "ppl" : own->name) + " as often as drawn.");
  }
  const std::string wilcoxon = wilcoxon_note(families);
  if (!wilcoxon.empty()) notes.push_back(wilcoxon);
  for (const Family* family : families) notes.push_back(family_note(*family));
  notes.push_back("p (Holm): *** p < .001, ** p < .01, * p < .05.");
  for (std::string& note :
       own == nullptr ? loss_margin_notes(report) : metric_margin_notes(report, *own)) {
    notes.push_back(std::move(note));
  }
  for (const std::string& note : view.notes()) notes.push_back(note);
  return notes;
}

}  // namespace pressroom
