// The tables of a comparison in the formats of terminals, pages and papers, and all its figures for
// programs.
//
//   plain     aligned columns                    markdown  pipe tables, as GitHub shows them
//   latex     booktabs tables, to be \input      csv       one row a comparison
//   json      the same with notes, families and findings
//
// Labels and messages come from campaigns: each format escapes what it would take for markup.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "report/comparison/comparison_table.h"
#include "report/comparison/comparison_view.h"

namespace pressroom {

std::string comparison_text(const ComparisonTables& tables);

std::string comparison_markdown(const ComparisonTables& tables);

// A longtable for each family with the heads in its caption, and the notes in small print below
// all. Needs \usepackage{booktabs,longtable} and no other package.
std::string comparison_latex(const ComparisonTables& tables);

// One row for each comparison of every family. Differences are of the second minus the first; what
// there is none of is an empty field.
std::string comparison_csv(const ComparisonView& view);

// The same of comparisons by metrics, all in one shape: "metric", "unit", "better", the value of
// either side, "delta" and its tests in the metric's own unit and direction.
std::string metrics_csv(const std::vector<ComparisonView>& views);

// {"schema": "pressroom.comparison/1", "baseline", "margin", "campaigns": [...], "notes": [...],
// "families": [{"name", "tests", "comparisons": [...]}], "failures", "findings"}. Numbers are those
// of delta_json; null for what there is none of.
nlohmann::ordered_json comparison_json(const ComparisonView& view);

// The same of comparisons by metrics: the families of all `views`, at least one, each with
// "metric", "unit", "better" and the "margin" in that unit, null where there is none; either side
// with its "value".
nlohmann::ordered_json comparison_json(const std::vector<ComparisonView>& views);

}  // namespace pressroom
