#include "report/pivot/pivot_notes.h"

#include <algorithm>

#include "base/strings.h"

namespace pressroom {
namespace {

struct Shown {
  bool best = false;
  bool held_more = false;
  bool interval = false;
  bool partly = false;
  bool missing = false;
  bool kept = false;
  bool mean = false;
};

void look_at(const PivotCell& cell, PivotLine kind, Shown& shown) {
  shown.best = shown.best || cell.mark == PivotMark::kBest;
  shown.held_more = shown.held_more || cell.mark == PivotMark::kHeldMore;
  shown.interval = shown.interval || (kind == PivotLine::kMethod && !cell.text.half_width.empty());
  shown.partly = shown.partly || cell.partly;
  shown.missing = shown.missing || cell.missing;
  shown.mean = shown.mean || (kind == PivotLine::kMean && !cell.text.number.empty());
}

Shown shown_in(const PivotTable& table) {
  Shown shown;
  for (const PivotRow& row : table.rows) {
    shown.kept = shown.kept || row.kind == PivotLine::kKept;
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const bool by_column = row.kind == PivotLine::kMethod;
      look_at(row.cells[c], by_column ? table.columns[c].kind : row.kind, shown);
    }
  }
  for (const PivotColumn& column : table.columns) {
    shown.kept = shown.kept || column.kind == PivotLine::kKept;
  }
  return shown;
}

std::string value_note(const PivotMeasure& measure, const std::string& baseline, bool change) {
  if (measure.judge.scale == Measure::Scale::kOwn) {
    return measure.name +
           (change ? ": more or less than " + baseline + ", mean over documents; "
                   : ": as the metric pools it; mean over seeds; ") +
           measure.judge.better() + " is better.";
  }
  if (measure.judge == Measure::kAnswers) {
    return measure.name + (change ? ": points more or less than " + baseline +
                                        ", mean over documents; below zero is worse."
                                  : ": answers of which every token was right, in percent; mean "
                                    "over seeds; higher is better.");
  }
  return measure.name + (change
                             ? ": percent more or less than " + baseline +
                                   ", documents weigh the same; above zero is worse."
                             : ": every token weighs the same; mean over seeds; lower is better.");
}

std::string interval_note(const ComparisonView& view, bool change) {
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  for (const Comparison& c : view.report().to_baseline.comparisons) {
    if (!c.test.p) continue;
    least = std::min(least, c.test.n);
    most = std::max(most, c.test.n);
  }
  const std::string what =
      change ? "+-: 95 % interval of the paired t"
             : "+-: 95 % interval of the change from " + view.report().baseline + ", paired t";
  if (most == 0) return what + ", of its halves the larger.";
  return what + "; of its halves the larger; the unit is the document: n = " +
         (least == most ? "" : std::to_string(least) + " to ") + std::to_string(most) + ".";
}

}  // namespace

std::vector<std::string> pivot_notes(const ComparisonView& view, const PivotTable& table,
                                     const std::vector<PivotMeasure>& measures,
                                     const std::vector<std::string>& datasets) {
  const Shown shown = shown_in(table);
  const std::string& baseline = view.report().baseline;
  std::vector<std::string> notes;
  for (const PivotMeasure& measure : measures) {
    notes.push_back(value_note(measure, baseline, table.change));
  }
  if (table.change) notes.push_back("in brackets: " + baseline + " itself, no change.");
  if (shown.interval) notes.push_back(interval_note(view, table.change));
  if (shown.best) {
    notes.push_back(
        std::string(kBestNote) + ": not told apart from the best of its " +
        amount_name(view.groups()) +
        ", dataset and context, of methods that kept equally much (within 5 %); paired t, "
        "Holm-adjusted over " +
        counted(static_cast<std::int64_t>(view.report().pairwise.tests()), "pair", "pairs") +
        " of methods.");
  }
  if (std::string(amount_name(view.groups())) == "budget") {
    notes.emplace_back("budget: entries a head may keep; context: tokens of a document.");
  }
  if (shown.held_more) {
    notes.emplace_back(
        "!: held over 5 % more entries on average than its peers; it takes no part in best.");
  }
  if (shown.kept) {
    notes.emplace_back(
        "kept: fraction of the entries held at the end, measured; mean over methods and seeds, "
        "least to most where these are over 5 % apart.");
  }
  if (shown.mean) {
    notes.push_back("mean: over " + joined(datasets) + ", each weighing the same; not tested.");
  } else if (datasets.size() > 1) {
    notes.push_back(measures.size() > 1
                        ? "no mean over datasets: they are not judged by the same."
                        : "no mean over datasets: not all of them have every number.");
  }
  const ComparisonReport& report = view.report();
  if (!report.left_out.empty()) {
    notes.push_back("no cell has " + report.measure->name + " on " + joined(report.left_out, "; ") +
                    ": left out.");
  }
  if (shown.partly) notes.emplace_back("*: some of its seeds have no number.");
  if (shown.missing) notes.emplace_back("-: no result.");
  for (const std::string& note : view.notes()) notes.push_back(note);
  return notes;
}

std::vector<std::string> notes_with_bold(const PivotTable& table) {
  std::vector<std::string> notes = table.notes;
  const std::string plain = kBestNote;
  for (std::string& note : notes) {
    if (note.compare(0, plain.size(), plain) == 0) note.replace(0, plain.size(), "best (bold)");
  }
  return notes;
}

}  // namespace pressroom
