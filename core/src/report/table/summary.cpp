#include "report/table/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/number_text.h"
#include "report/table/standings.h"
#include "results/metric_names.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

// A change of log perplexity as one of perplexity, "+9.2"; of the share of wrong answers as one of
// exact match in points, "-55".
std::string change_text(const Measure& judge, double difference, int decimals) {
  const double worse = change_of(judge, difference);
  const double change = judge == Measure::kAnswers ? 0 - worse : worse;
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
  const Measure judge = comparison.judge;
  const bool by_answers = judge == Measure::kAnswers;
  const std::string unit = by_answers ? " points" : " %";
  const int decimals = std::min(6, percent_decimals(comparison));
  std::string text = (by_answers ? "exact match " : "perplexity ") +
                     change_text(judge, test.mean, decimals) + unit;
  if (test.ci95 && comparison.p_holm) {
    const std::string low = change_text(judge, test.ci95->low, decimals);
    const std::string high = change_text(judge, test.ci95->high, decimals);
    // More wrong answers are fewer right ones, so the ends change places.
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

namespace {

std::string documents_text(const ComparisonReport& report) {
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  for (const Comparison& c : report.to_baseline.comparisons) {
    if (c.test.n == 0) continue;
    least = std::min(least, c.test.n);
    most = std::max(most, c.test.n);
  }
  if (most == 0) return "";
  const std::string range = least == most ? "" : std::to_string(least) + " to ";
  return ", " + range + counted(most, "document") + " for each comparison";
}

std::string what_was_run(const std::vector<CellResult>& results, const std::vector<FigureRow>& rows,
                         const ComparisonReport& report) {
  const std::vector<std::string> methods = methods_of(rows, report.baseline);
  std::vector<std::string> contexts;
  std::vector<std::string> amounts;
  for (const Setting& setting : settings_of(rows)) {
    const std::string context = std::to_string(setting.context_tokens);
    if (std::find(contexts.begin(), contexts.end(), context) == contexts.end()) {
      contexts.push_back(context);
    }
  }
  for (const double amount : amounts_of(rows, report.baseline)) {
    amounts.push_back(amount_text(rows, amount));
  }
  const CellCounts counts = count_cells(results);
  const bool plural = methods.size() != 1;
  std::string text = plural ? counted(methods.size() - 1, "method") + " and " : "";
  text += report.baseline + (plural ? " were" : " was") + " run on " + listed(datasets_of(rows)) +
          ", context " + listed(contexts);
  if (!amounts.empty()) text += ", at " + amount_name(rows) + " " + listed(amounts);
  text += ": " + std::to_string(counts.run) + " of " + counted(counts.planned, "cell");
  if (counts.failed > 0) text += ", " + std::to_string(counts.failed) + " failed";
  if (counts.waiting > 0) text += ", " + std::to_string(counts.waiting) + " still to be run";
  return text + documents_text(report) + ".";
}

bool was_run(const FigureRow* row) { return !row->group.cells.empty(); }

// The one that the summary speaks of: highest sparsity, then largest context, then first dataset;
// those with a leader before those without, and these before what was not run yet.
const Standing* focus_of(const std::vector<Standing>& all) {
  const Standing* focus = nullptr;
  const auto weight = [](const Standing& r) {
    const bool any = std::any_of(r.rows.begin(), r.rows.end(), was_run);
    return std::make_tuple(r.leader != nullptr, any, r.sparsity, r.setting.context_tokens);
  };
  for (const Standing& standing : all) {
    if (focus == nullptr || weight(standing) > weight(*focus)) focus = &standing;
  }
  return focus;
}

// "Of 12 combinations of dataset, context and sparsity, h2o is best in 4 and none in 8; ".
std::string tally(const std::vector<Standing>& all, const std::string& told) {
  if (all.size() < 2) return "";
  std::map<std::string, std::size_t> wins;
  std::size_t open = 0;
  for (const Standing& standing : all) {
    if (standing.has_winner()) {
      ++wins[standing.leader->group.method];
    } else {
      ++open;
    }
  }
  std::vector<std::string> parts;
  for (const auto& [method, count] : wins) {
    parts.push_back(method + " is best in " + std::to_string(count));
  }
  if (open == all.size()) {
    return "In none of the " + std::to_string(open) + " combinations of dataset, context and " +
           told + " is a method shown to be best; ";
  }
  if (open > 0) parts.push_back("none is shown to be in " + std::to_string(open));
  return "Of " + std::to_string(all.size()) + " combinations of dataset, context and " + told +
         ", " + listed(parts) + "; ";
}

std::string who_keeps_quality(const std::vector<Standing>& all, const Standing* focus,
                              const std::string& baseline, const std::string& told) {
  if (focus == nullptr) return "There is no method to compare with " + baseline + " yet.";
  const std::string begin = tally(all, told);
  std::string text =
      begin + (begin.empty() ? "At " : "at ") + focus->told + " on " + focus->setting.text() + ", ";
  if (focus->leader == nullptr) {
    return text + "no method is called best: " + focus->refusal + ".";
  }
  const FigureRow& leader = *focus->leader;
  const std::optional<double> kept = leader.number(metric_names::kKeptRatio);
  const std::string at_kept = kept ? ", with " + percent(*kept) + " of the entries kept" : "";
  const std::string loss = loss_text(*leader.comparison, baseline);
  if (focus->rows.size() == 1) {
    return text + leader.group.method + " is the only method" + at_kept + ": " + loss + ".";
  }
  if (focus->has_winner()) {
    return text + leader.group.method + " keeps quality best" + at_kept + ": " + loss +
           ", and better than " + counted(focus->ranked.size() - 1, "other method") +
           " (largest adjusted p " + significant(focus->largest_p, 2) + ")" + focus->left_out() +
           ".";
  }
  std::vector<std::string> rivals;
  for (const FigureRow* row : focus->unresolved) rivals.push_back(row->group.method);
  return text + "which method is best is not resolved: " + leader.group.method +
         " has the smallest change" + at_kept + " - " + loss + " - and is not told apart from " +
         listed(rivals) + focus->left_out() + ".";
}

// "120 to 131 tokens per second", over seeds; against the baseline only where the two do not
// overlap.
std::string speed_text(const FigureRow& row, const FigureRow* dense, const std::string& baseline) {
  const char* const metric = metric_names::kTokensPerSecond;
  const MetricSummary* speed = find_metric(row.metrics, metric);
  const MetricSummary* reference = dense ? find_metric(dense->metrics, metric) : nullptr;
  if (speed == nullptr || !row.number(metric)) return "";
  const auto [slowest, fastest] = std::minmax_element(speed->values.begin(), speed->values.end());
  std::string text = significant(*slowest, 3);
  if (significant(*fastest, 3) != text) text += " to " + significant(*fastest, 3);
  text += " tokens per second";
  if (reference == nullptr || !(reference->mean() > 0)) return text;
  const auto [low, high] = std::minmax_element(reference->values.begin(), reference->values.end());
  const bool overlap = *slowest <= *high && *low <= *fastest;
  return overlap ? text : text + ", " + relative(speed->mean(), reference->mean(), baseline);
}

std::string what_it_costs(const std::vector<FigureRow>& rows, const Standing* focus,
                          const std::string& baseline) {
  if (focus == nullptr) return "Nothing is known of memory and speed.";
  const FigureRow* dense = baseline_row(rows, focus->setting, baseline, focus->sparsity);
  const auto first = std::find_if(focus->rows.begin(), focus->rows.end(), was_run);
  if (first == focus->rows.end()) return "Nothing is known of memory and speed yet.";
  const FigureRow* row = focus->leader != nullptr ? focus->leader : *first;
  std::string memory;
  if (const std::optional<double> bytes = row->number(metric_names::kKvBytesPeak)) {
    memory = significant(*bytes / 1e6, 3) + " MB";
    const std::optional<double> reference =
        dense ? dense->number(metric_names::kKvBytesPeak) : std::nullopt;
    if (reference && *reference > 0) memory += ", " + relative(*bytes, *reference, baseline);
  }
  const std::string speed = speed_text(*row, dense, baseline);
  if (memory.empty() && speed.empty()) {
    return "Memory and speed were not measured (metrics memory and throughput).";
  }
  std::string text = "There " + row->group.method;
  if (!memory.empty()) text += " needs a KV cache of at most " + memory;
  if (!memory.empty() && !speed.empty()) text += ", and";
  if (!speed.empty()) text += " ran at " + speed + " (a timing, not a test)";
  return text + ".";
}

}  // namespace

CellCounts count_cells(const std::vector<CellResult>& results) {
  CellCounts counts;
  for (const CellResult& result : results) {
    ++counts.planned;
    if (result.error.empty()) {
      ++counts.run;
    } else if (result.error == kNotRun) {
      ++counts.waiting;
    } else {
      ++counts.failed;
    }
  }
  return counts;
}

std::vector<std::string> summary_sentences(const std::vector<CellResult>& results,
                                           const std::vector<FigureRow>& rows,
                                           const ComparisonReport& report) {
  const std::vector<Standing> all = standings(rows, report);
  const Standing* focus = focus_of(all);
  return {what_was_run(results, rows, report),
          who_keeps_quality(all, focus, report.baseline, amount_name(rows)),
          what_it_costs(rows, focus, report.baseline)};
}

}  // namespace pressroom
