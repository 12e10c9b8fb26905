// The comparisons of one or several campaigns as tables for people.
//
//   const ComparisonView view(merged, compare(merged, options), {"half-finished: 57 of 80 cells"});
//   std::cout << comparison_text(comparison_tables(view, false));
//
// A row is a comparison. In the table against the baseline it is named by its method, and the
// baseline has a row of its own; elsewhere by both: "h2o [A] -> h2o [B]".
#pragma once

#include <string>
#include <vector>

#include "report/comparison/comparison_view.h"
#include "report/table/results_table.h"

namespace pressroom {

struct FamilyTable {
  std::string title;              // "against dense"
  ResultsTable table;             // columns and blocks alone
  std::string of = "Perplexity";  // what the comparison is of, for captions
};

struct ComparisonTables {
  std::vector<std::string> heads;
  std::vector<FamilyTable> families;
  std::vector<std::string> notes;     // units, tests, families; what was left out
  std::vector<std::string> failures;  // cells
  std::vector<std::string> findings;  // results that contradict themselves
};

// `pairs`: the table of every two methods as well.
ComparisonTables comparison_tables(const ComparisonView& view, bool pairs);

// The same of several comparisons, by a metric each; `views` has at least one. What is said under
// all of them is said once.
ComparisonTables comparison_tables(const std::vector<ComparisonView>& views, bool pairs);

// What stands under the tables: the unit, the tests, their families; one sentence or two a line.
// `pairs`: the table of every two methods is shown.
std::vector<std::string> comparison_notes(const ComparisonView& view, bool pairs);

}  // namespace pressroom
