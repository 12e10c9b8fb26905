#include "report/figures/campaign_figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "report/figures/figure.h"
#include "result_builder.h"

namespace pressroom::campaign_figures_test {
namespace {

CellResult with_numbers(CellResult cell, double perplexity, double kept, double speed) {
  add_metric(cell, "perplexity", perplexity, "1", Direction::kLowerIsBetter);
  add_metric(cell, "kept_ratio", kept);
  add_metric(cell, "tokens_per_second", speed, "tokens/s", Direction::kHigherIsBetter);
  return cell;
}

// dense, and two methods at two sparsities: differences 0.1, 0.2, 0.3 for h2o at 0.9.
std::vector<CellResult> campaign() {
  return {with_numbers(made_cell("dense", 0, 42, {1, 2, 3}), 8, 1, 100),
          with_numbers(made_cell("h2o", 0.5, 42, {1.05, 2.1, 3.15}), 9, 0.5, 110),
          with_numbers(made_cell("h2o", 0.9, 42, {1.1, 2.2, 3.3}), 10, 0.1, 120),
          with_numbers(made_cell("knorm", 0.5, 42, {1.2, 2.2, 3.4}), 12, 0.5, 105),
          with_numbers(made_cell("knorm", 0.9, 42, {1.5, 2.6, 3.8}), 20, 0.1, 130)};
}

std::vector<Figure> figures_of(const std::vector<CellResult>& results) {
  return campaign_figures(results, compare(results));
}

const Figure& figure_called(const std::vector<Figure>& figures, const std::string& id) {
  for (const Figure& figure : figures) {
    if (figure.id == id) return figure;
  }
  std::string ids;
  for (const Figure& figure : figures) ids += figure.id + " ";
  throw std::runtime_error(id + " is not among " + ids);
}

const FigureSeries& series_called(const Figure& figure, const std::string& name) {
  for (const FigureSeries& series : figure.series) {
    if (series.name == name) return series;
  }
  throw std::runtime_error("no series " + name);
}

TEST(CampaignFigures, AreThoseThatThereAreNumbersFor) {
  std::vector<std::string> ids;
  for (const Figure& figure : figures_of(campaign())) ids.push_back(figure.id);
  // No memory, no divergence, one context, no curve of the cache.
  EXPECT_EQ(ids,
            (std::vector<std::string>{"ppl_vs_kept_books_ctx1024", "ppl_vs_speed_books_ctx1024",
                                      "ppl_vs_sparsity_books_ctx1024"}));
  EXPECT_TRUE(figures_of({made_cell("dense", 0, 42, {1, 2})}).empty());
}

TEST(CampaignFigures, PutMeansOverSeedsAgainstWhatWasMeasured) {
  std::vector<CellResult> results = campaign();
  for (CellResult cell : campaign()) {
    cell.cell.seed = 43;
    cell.metrics[0].value += 2;
    results.push_back(cell);
  }
  const std::vector<Figure> figures = figures_of(results);
  const Figure& figure = figure_called(figures, "ppl_vs_kept_books_ctx1024");
  EXPECT_EQ(figure.y_reference, 9);  // dense: 8 and 10
  const FigureSeries& h2o = series_called(figure, "h2o");
  ASSERT_EQ(h2o.points.size(), 2u);
  EXPECT_EQ(h2o.points[0].x, 0.1);  // ascending, as the line runs
  EXPECT_EQ(h2o.points[0].y, 11);
  EXPECT_EQ(h2o.points[0].label, "h2o, sparsity 0.9");
  EXPECT_EQ(h2o.points[1].x, 0.5);
  EXPECT_TRUE(h2o.joined);
  EXPECT_FALSE(series_called(figure_called(figures, "ppl_vs_speed_books_ctx1024"), "h2o").joined);
}

TEST(CampaignFigures, IntervalIsThatOfThePairedChangeAroundThePoint) {
  const std::vector<Figure> figures = figures_of(campaign());
  const FigureSeries& h2o =
      series_called(figure_called(figures, "ppl_vs_kept_books_ctx1024"), "h2o");
  // Differences 0.1, 0.2, 0.3: standard error 0.1 / sqrt 3. With two degrees of freedom the
  // 97.5 % quantile of t is 0.95 sqrt(2 / (1 - 0.95^2)).
  const double half = 0.95 * std::sqrt(2 / (1 - 0.95 * 0.95)) * 0.1 / std::sqrt(3.0);
  ASSERT_TRUE(h2o.points[0].y_ci95);
  EXPECT_NEAR(h2o.points[0].y_ci95->low, 10 * std::exp(-half), 1e-12);
  EXPECT_NEAR(h2o.points[0].y_ci95->high, 10 * std::exp(half), 1e-12);
  EXPECT_FALSE(
      series_called(figure_called(figures, "ppl_vs_kept_books_ctx1024"), "dense").points[0].y_ci95);
}

TEST(CampaignFigures, MarkThePointsThatNoOtherBeats) {
  const std::vector<Figure> figures = figures_of(campaign());
  std::set<std::string> kept;
  for (const FigureSeries& s : figure_called(figures, "ppl_vs_kept_books_ctx1024").series) {
    for (const FigurePoint& point : s.points) {
      if (point.pareto) kept.insert(point.label);
    }
  }
  EXPECT_EQ(kept, (std::set<std::string>{"dense, sparsity 0.0", "h2o, sparsity 0.5",
                                         "h2o, sparsity 0.9"}));
}

TEST(CampaignFigures, LeaveOutWhatIsNotFiniteAndSaySo) {
  std::vector<CellResult> results = campaign();
  results[4].metrics[0].value = std::numeric_limits<double>::infinity();
  results[3].metrics[0].value = std::nan("");
  const std::vector<Figure> figures = figures_of(results);
  const Figure& figure = figure_called(figures, "ppl_vs_kept_books_ctx1024");
  for (const FigureSeries& series : figure.series) EXPECT_NE(series.name, "knorm");
  EXPECT_NE(figure.caption.find("not drawn: 2."), std::string::npos) << figure.caption;
}

TEST(CampaignFigures, SweepOverContextsWhereThereAreSeveral) {
  std::vector<CellResult> results = campaign();
  for (CellResult cell : campaign()) {
    cell.cell.context_tokens = 2048;
    for (DocumentResult& document : cell.documents) document.ids_sha256 += "-long";
    results.push_back(cell);
  }
  const std::vector<Figure> figures = figures_of(results);
  const Figure& figure = figure_called(figures, "ppl_vs_context_books_s0.9");
  EXPECT_EQ(figure.series.size(), 3u);  // dense in each
  EXPECT_EQ(series_called(figure, "knorm").points[1].x, 2048);
  EXPECT_EQ(figure_called(figures, "ppl_vs_sparsity_books_ctx2048").series.size(), 2u);
}

TEST(CampaignFigures, DrawTheCacheOverTheTokensFed) {
  std::vector<CellResult> results = campaign();
  for (CellResult& cell : results) {
    const auto budget = static_cast<double>(cell.cell.budget_tokens);
    cell.size_curve.tokens_fed = {256, 512, 1024};
    cell.size_curve.entries_per_head = {std::min(256., budget), std::min(512., budget), budget};
  }
  CellResult other = results[2];
  other.cell.seed = 43;
  other.size_curve.entries_per_head = {100, 100, 100};
  results.push_back(other);
  const std::vector<Figure> figures = figures_of(results);
  const Figure& figure = figure_called(figures, "cache_books_ctx1024_s0.9");
  ASSERT_EQ(figure.series.size(), 3u);
  EXPECT_EQ(series_called(figure, "dense").points[2].y, 1024);
  EXPECT_EQ(series_called(figure, "h2o").points[2].y, 101);  // of 102 and 100
}

TEST(CampaignFigures, IdsAreFileNamesAndDiffer) {
  std::vector<CellResult> results = campaign();
  for (CellResult& cell : results) cell.cell.dataset = "a/../b";
  for (CellResult cell : campaign()) {
    cell.cell.dataset = "a<..>b";
    results.push_back(cell);
  }
  std::set<std::string> ids;
  for (const Figure& figure : figures_of(results)) {
    EXPECT_TRUE(ids.insert(figure.id).second) << figure.id;
    EXPECT_EQ(figure.id.find_first_of("/<> "), std::string::npos) << figure.id;
  }
  EXPECT_EQ(ids.count("ppl_vs_kept_a-..-b_ctx1024"), 1u);
  EXPECT_EQ(ids.count("ppl_vs_kept_a-..-b_ctx1024_2"), 1u);
}

std::string labels(const std::vector<Tick>& ticks) {
  std::string text;
  for (const Tick& tick : ticks) text += tick.label + " ";
  return text;
}

TEST(AxisTicks, AreRoundNumbersWithinTheRange) {
  EXPECT_EQ(labels(linear_ticks(0.07, 1.04, 6)), "0.2 0.4 0.6 0.8 1.0 ");
  EXPECT_EQ(labels(linear_ticks(-1, 1, 4)), "-1.0 -0.5 0.0 0.5 1.0 ");
  EXPECT_EQ(labels(linear_ticks(11.5, 20.3, 6)), "12 14 16 18 20 ");
  EXPECT_EQ(labels(linear_ticks(1e-5, 3e-5, 4)), "0.000010 0.000015 0.000020 0.000025 0.000030 ");
  EXPECT_EQ(labels(log_ticks(9, 2100, 6)), "10 100 1000 ");
  EXPECT_EQ(labels(log_ticks(0.04, 1.1, 6)), "0.05 0.1 0.2 0.5 1 ");
  EXPECT_EQ(labels(log_ticks(1.1, 1.9, 4)), "1.2 1.4 1.6 1.8 ");
  EXPECT_EQ(labels(log_ticks(1e-9, 1e9, 6)).size() > 0, true);
  EXPECT_LE(log_ticks(1e-9, 1e9, 6).size(), 7u);
}

}  // namespace
}  // namespace pressroom::campaign_figures_test
