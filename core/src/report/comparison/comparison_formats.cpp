#include "report/comparison/comparison_formats.h"

namespace pressroom {

std::string comparison_text(const ComparisonTables& tables) {
  ResultsTable heads;
  heads.notes = tables.heads;
  std::string text = table_text(heads, false);
  if (!tables.heads.empty()) text += '\n';
  for (const FamilyTable& family : tables.families) {
    ResultsTable table = family.table;
    for (TableBlock& block : table.blocks) block.title = family.title + ": " + block.title;
    text += table_text(table, false);
  }
  ResultsTable below;
  below.notes = tables.notes;
  below.failures = tables.failures;
  below.findings = tables.findings;
  return text + table_text(below, false);
}

}  // namespace pressroom
