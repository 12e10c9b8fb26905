// A campaign that was given budgets is told in budgets.
#include <gtest/gtest.h>

#include "campaign_writer.h"
#include "compare/merged_campaigns.h"
#include "report/comparison/comparison_formats.h"
#include "report/figures/campaign_figures.h"
#include "report/table/results_table.h"
#include "report/table/summary.h"
#include "report_campaign.h"
#include "scratch_folder.h"

namespace pressroom::budget_names_test {
namespace {

// At contexts 512 and 1024, budgets 128 and 256; names of cells have the sparsity as ever.
std::vector<CellResult> in_budgets() {
  std::vector<CellResult> results;
  for (const std::int64_t context : {512, 1024}) {
    for (const std::int64_t budget : {std::int64_t{0}, std::int64_t{128}, std::int64_t{256}}) {
      const double sparsity =
          budget == 0 ? 0 : 1 - static_cast<double>(budget) / static_cast<double>(context);
      CellResult cell =
          fully_measured(made_cell(budget == 0 ? "dense" : "h2o", sparsity, 42,
                                   {2 + sparsity, 2.1 + 1.1 * sparsity, 2.2 + 0.9 * sparsity}),
                         9 + sparsity, 1 - sparsity, 100);
      cell.cell.context_tokens = context;
      cell.cell.budget_tokens = budget == 0 ? context : budget;
      cell.cell.by_budget = true;
      results.push_back(cell);
    }
  }
  return results;
}

TEST(BudgetNames, TablesAndTestsHaveBudgets) {
  const std::vector<CellResult> results = in_budgets();
  const ComparisonReport report = compare(results);
  EXPECT_EQ(report.to_baseline.comparisons[0].name, "dense_vs_h2o_b256_ctx512");
  const ResultsTable table = results_table(results, report);
  EXPECT_EQ(table.columns[1].header, "budget");
  EXPECT_EQ(table.blocks[0].rows[0][1].text, "512");
  EXPECT_EQ(table.blocks[0].rows[1][1].text, "256");
  EXPECT_EQ(table.blocks[1].rows[2][1].text, "128");
  const std::string said = summary_sentences(results, figure_rows(results, report), report)[0];
  EXPECT_TRUE(has(said, "at budget 128 and 256")) << said;
}

TEST(BudgetNames, FiguresHaveBudgetsAsAxesAndSeriesOverContexts) {
  const std::vector<CellResult> results = in_budgets();
  std::string ids;
  for (const Figure& figure : campaign_figures(results, compare(results))) {
    ids += figure.id + "\n";
    EXPECT_FALSE(has(figure.title, "sparsity")) << figure.title;
    if (has(figure.id, "ppl_vs_budget")) {
      EXPECT_EQ(figure.x.title, "budget (entries a head)");
      EXPECT_EQ(figure.series.at(0).points.at(0).x, 128);
      EXPECT_EQ(figure.series[0].points[0].label, "h2o, budget 128");
    }
  }
  // One budget at two contexts is one line, though it comes to two sparsities.
  EXPECT_TRUE(has(ids, "ppl_vs_context_books_b128\n")) << ids;
  EXPECT_TRUE(has(ids, "ppl_vs_budget_books_ctx512\n")) << ids;
}

TEST(BudgetNames, ADirectoryKnowsThatItWasGivenBudgets) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "made", in_budgets());
  const auto write_config = [&](const std::string& yaml) {
    const std::string provenance = read_campaign(folder.path()).provenance.dump(1) + "\n";
    StoredPlan plan = {"made", sha256_hex(yaml), sha256_hex(provenance), {}};
    plan.cells = read_campaign(folder.path()).plan;
    write_file_atomically(folder.path() / "config.yaml", yaml);
    write_file_atomically(folder.path() / "plan.json", plan_json(plan).dump(1) + "\n");
  };
  EXPECT_FALSE(read_campaign(folder.path()).results[1].cell.by_budget);
  write_config(config_of("made", in_budgets()) + "budget: [128, 256]\n");
  const StoredCampaign stored = read_campaign(folder.path());
  EXPECT_TRUE(stored.results[1].cell.by_budget);
  // Beside a campaign of sparsities both are told in these.
  EXPECT_TRUE(merge_campaigns({stored}).results[1].cell.by_budget);
  StoredCampaign other = stored;
  other.directory = "other";
  for (CellResult& result : other.results) result.cell.by_budget = false;
  EXPECT_FALSE(merge_campaigns({stored, other}).results[1].cell.by_budget);
}

}  // namespace
}  // namespace pressroom::budget_names_test
