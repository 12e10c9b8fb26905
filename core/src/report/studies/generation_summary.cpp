#include <cmath>

#include "base/number_text.h"
#include "base/utf8.h"
#include "report/studies/study_files.h"
#include "report/studies/study_groups.h"
#include "results/metric_names.h"
#include "stats/metric_summary.h"
#include "stats/significance.h"

namespace pressroom {
namespace {

constexpr std::size_t kNarrow = 11;
constexpr std::size_t kWide = 13;

std::string number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fixed(*value, 2) : "-";
}

std::string p_text(const std::optional<double>& p) {
  if (!p) return "no p";
  return *p < 0.0001 ? "p<0.0001" : "p=" + fixed(*p, 4);
}

std::string row(const CellGroup& group) {
  const std::vector<MetricSummary> metrics = summarise_metrics(group);
  const MetricSummary* ppl = find_metric(metrics, metric_names::kPerplexity);
  const MetricSummary* speed = find_metric(metrics, metric_names::kTokensPerSecond);
  const std::string text = padded(printable_line(group.method), kNarrow) +
                           padded(sparsity_text(group.sparsity), kNarrow) +
                           padded(ppl ? number(ppl->mean()) : "-", kWide) +
                           padded(ppl ? number(ppl->sd()) : "-", kWide) +
                           (speed ? number(speed->mean()) : "-");
  return text + (group.complete() ? "" : "  incomplete") + "\n";
}

std::string seeds_line(const SeedTests& tests) {
  if (tests.seeds < 2) return "  Over seeds: one seed, no test\n";
  if (tests.deterministic) return "  Over seeds: every seed gave the same, no test\n";
  return "  Over seeds: paired " + p_text(tests.paired.p) + ", Welch " + p_text(tests.welch.p) +
         "\n";
}

std::string test_lines(const Comparison& c) {
  std::string text = printable_line(c.name) + ": ";
  if (c.p_holm) {
    text += p_text(c.p_holm);
    if (c.significant()) text += std::string(" ") + stars(c.p_holm);
  } else {
    text += "no test, " + printable_line(c.reason.empty() ? to_string(c.status) : c.reason);
  }
  text += "\n";
  if (!std::isfinite(c.over_seeds.mean_difference_ppl)) return text;
  return text + "  Mean difference: " + fixed(c.over_seeds.mean_difference_ppl, 2) + "\n" +
         seeds_line(c.over_seeds);
}

std::string perplexities(const std::vector<CellGroup>& groups) {
  const std::vector<GroupBlock> blocks = group_blocks(groups);
  std::string text = "Perplexity Summary:\n";
  for (const GroupBlock& block : blocks) {
    if (blocks.size() > 1) {
      text += "\n" + printable_line(block.dataset) + ", context " +
              std::to_string(block.context_tokens) + "\n";
    }
    text += padded("Method", kNarrow) + padded("Sparsity", kNarrow) + padded("Mean PPL", kWide) +
            padded("Std PPL", kWide) + "Tokens/s\n" + std::string(70, '-') + "\n";
    for (const CellGroup* group : block.groups) text += row(*group);
  }
  return text;
}

}  // namespace

StudyFiles generation_summary(const StudyInput& input) {
  const ComparisonReport& report = input.report;
  std::string text = perplexities(group_cells(input.results, report.baseline));
  text += "\nStatistical Significance Tests:\n";
  for (const Family* family : {&report.pairwise, &report.to_baseline}) {
    for (const Comparison& c : family->comparisons) text += test_lines(c);
  }
  text +=
      "\np: paired t over documents, adjusted after Holm within a family. Mean difference: of\n"
      "perplexities, over seeds, the first minus the second.\n";
  return {{{"generation_summary.txt", text}}, {}};
}

}  // namespace pressroom
