#include <algorithm>

#include "base/number_text.h"
#include "base/strings.h"
#include "report/table/results_files.h"
#include "stats/cell_groups.h"
#include "stats/metric_summary.h"
#include "stats/significance.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

void append(const std::vector<std::string>& more, std::vector<std::string>& fields) {
  fields.insert(fields.end(), more.begin(), more.end());
}

const std::vector<std::string>& comparison_header() {
  static const std::vector<std::string> names = {"status",
                                                 "n_documents",
                                                 "delta_nll_nats",
                                                 "delta_nll_ci95_low",
                                                 "delta_nll_ci95_high",
                                                 "ppl_ratio",
                                                 "ppl_ratio_ci95_low",
                                                 "ppl_ratio_ci95_high",
                                                 "t_statistic",
                                                 "p_value",
                                                 "p_adjusted",
                                                 "stars",
                                                 "wilcoxon_p",
                                                 "cohen_dz",
                                                 "p_equivalence_adjusted",
                                                 "delta_nll_token_weighted",
                                                 "bootstrap_ci95_low",
                                                 "bootstrap_ci95_high",
                                                 "documents_needed",
                                                 "verdict",
                                                 "judged_by",
                                                 "delta_exact_match",
                                                 "delta_exact_match_ci95_low",
                                                 "delta_exact_match_ci95_high"};
  return names;
}

// From "wilcoxon_p" on.
void append_more(const Comparison& c, double margin, std::vector<std::string>& fields) {
  const PairTests& more = c.more;
  const bool by_nll = c.judge == Measure::kNll;
  std::optional<Interval> interval;
  std::optional<Interval> match;
  if (by_nll) {
    interval = more.bootstrap_ci95;
  } else {
    match = c.told_ci95();
  }
  append({csv_number(more.wilcoxon.p), csv_number(turned(more.effect.cohen_dz, !by_nll)),
          csv_number(more.p_equivalence_holm),
          c.test.n == 0 || !by_nll ? "" : exact(more.token_weighted),
          interval ? exact(interval->low) : "", interval ? exact(interval->high) : "",
          more.documents_needed ? std::to_string(*more.documents_needed) : "", verdict(c, margin),
          c.judge.name, !by_nll && c.test.n > 0 ? exact(c.told()) : "",
          match ? exact(match->low) : "", match ? exact(match->high) : ""},
         fields);
}

std::vector<std::string> comparison_fields(const Comparison* c, double margin) {
  if (c == nullptr) return std::vector<std::string>(comparison_header().size());
  std::vector<std::string> fields = {to_string(c->status),
                                     "",
                                     "",
                                     "",
                                     "",
                                     "",
                                     "",
                                     "",
                                     csv_number(turned(c->test.t, c->judge != Measure::kNll)),
                                     csv_number(c->test.p),
                                     csv_number(c->p_holm),
                                     stars(c->p_holm)};
  append_more(*c, margin, fields);
  if (c->test.n == 0) return fields;
  fields[1] = std::to_string(c->test.n);
  fields[2] = exact(c->nll().mean);
  fields[5] = exact(c->ppl_ratio());
  if (!c->nll().ci95) return fields;
  const Interval ratio = *c->ppl_ratio_ci95();
  fields[3] = exact(c->nll().ci95->low);
  fields[4] = exact(c->nll().ci95->high);
  fields[6] = exact(ratio.low);
  fields[7] = exact(ratio.high);
  return fields;
}

}  // namespace

std::string results_csv(const std::vector<CellResult>& results, const ComparisonReport& report) {
  const std::vector<std::string> names = reported_names(results);
  std::vector<std::string> header = {"dataset",      "context_tokens", "method",
                                     "sparsity",     "budget_tokens",  "cells_run",
                                     "cells_failed", "protocol",       "kv_dtype"};
  append(comparison_header(), header);
  for (const std::string& name : names) append({name, name + "_std"}, header);

  std::string text = csv_line(header);
  for (const CellGroup& group : group_cells(results, report.baseline)) {
    std::vector<std::string> row = {group.dataset,
                                    std::to_string(group.context_tokens),
                                    group.method,
                                    exact(group.sparsity),
                                    std::to_string(group.budget_tokens),
                                    std::to_string(group.cells.size()),
                                    std::to_string(group.gaps.size()),
                                    group.protocol,
                                    group.kv_dtype};
    const Comparison* comparison = report.find(group);
    const double margin = comparison == nullptr ? 0 : report.margin_of(comparison->judge);
    append(comparison_fields(comparison, margin), row);
    const std::vector<MetricSummary> metrics = summarise_metrics(group);
    for (const std::string& name : names) {
      const MetricSummary* metric = find_metric(metrics, name);
      if (metric == nullptr) {
        append({"", ""}, row);
      } else {
        append({exact(metric->mean()), csv_number(metric->sd())}, row);
      }
    }
    text += csv_line(row);
  }
  return text;
}

}  // namespace pressroom
