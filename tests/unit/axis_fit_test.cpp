// Axes that one method stretches: where they end, and what is said of what lies beyond.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/figures/figure.h"
#include "report/figures/figure_choices.h"
#include "report/figures/gnuplot_script.h"
#include "report/html/svg_figure.h"
#include "text_search.h"

namespace pressroom::axis_fit_test {
namespace {

// A series a row, its points at x = 0, 1, ...
Figure figure_of(const std::vector<std::vector<double>>& rows, Better better) {
  Figure figure;
  figure.id = "made";
  figure.x.title = "x";
  figure.y = {"y", false, better};
  for (const std::vector<double>& row : rows) {
    FigureSeries series;
    series.name = "m" + std::to_string(figure.series.size());
    for (const double y : row) {
      series.points.push_back({static_cast<double>(series.points.size()), y, {}, series.name});
    }
    figure.series.push_back(series);
  }
  return figure;
}

TEST(AxisFit, EndsAnAxisWhereFloorMethodsLeaveAGap) {
  const struct {
    const char* name;
    std::vector<std::vector<double>> rows;
    Better better;
    std::optional<double> limit;
    bool logarithmic;
  } cases[] = {
      {"alike", {{10, 11}, {10, 12}, {11, 13}}, Better::kLower, {}, false},
      {"one floor", {{10, 11}, {10, 12}, {10.5, 100}}, Better::kLower, 12.0, false},
      {"two floors", {{10}, {10.5}, {11}, {100}, {400}}, Better::kLower, 11.0, false},
      // Without either half of what remains goes; no step leaves less than a fifth.
      {"a smooth spread", {{10}, {20}, {40}, {80}, {160}}, Better::kLower, {}, true},
      // Two of three would have to be left aside.
      {"more floors than others", {{10}, {100}, {101}}, Better::kLower, {}, false},
      {"higher is better", {{0.9}, {0.92}, {0.95}, {0.05}}, Better::kHigher, 0.9, false},
      {"a floor's point near the end",
       {{10, 11}, {10, 12}, {12.5, 100}},
       Better::kLower,
       12.5,
       false},
      {"and one not so near", {{10, 11}, {10, 12}, {13, 100}}, Better::kLower, 12.0, false},
      {"shares", {{0.01, 0.5}, {0.02, 0.9}}, Better::kHigher, {}, false},
      {"no direction", {{10}, {11}, {1000}}, Better::kNeither, {}, true},
      {"wide even so", {{1, 20}, {2, 30}, {1, 900}}, Better::kLower, 30.0, true},
      {"no axis remains", {{10}, {10}, {90}}, Better::kLower, {}, false},
      {"nothing", {}, Better::kLower, {}, false},
  };
  for (const auto& test : cases) {
    Figure figure = figure_of(test.rows, test.better);
    fit_y_axis(figure);
    EXPECT_EQ(figure.y_limit, test.limit) << test.name;
    EXPECT_EQ(figure.y.logarithmic, test.logarithmic) << test.name;
  }
}

TEST(AxisFit, SaysWhatLiesBeyond) {
  Figure figure = figure_of({{10, 11}, {10, 12}, {10.5, 100}}, Better::kLower);
  EXPECT_EQ(beyond_note(figure), "");
  fit_y_axis(figure);
  EXPECT_EQ(beyond_note(figure), " Beyond the axis, as arrows at its edge: m2 100.0.");
}

TEST(AxisFit, DrawsArrowsOnThePageAndInFiles) {
  Figure figure = figure_of({{10, 11}, {10, 12}, {10.5, 100}}, Better::kLower);
  fit_y_axis(figure);
  const std::vector<std::string> names = {"m0", "m1", "m2"};
  const std::string svg = svg_figure(figure, names);
  EXPECT_EQ(times(svg, "class=\"arrow\""), 1u);
  EXPECT_TRUE(has(svg, "m2: 1.000, 100.0, beyond the axis")) << svg;
  EXPECT_LT(plot_area(figure).y.high, 13);
  const std::string script = gnuplot_script(figure, names);
  EXPECT_EQ(times(script, "set arrow from first 1, graph 0.92 to first 1, graph 1"), 1u) << script;
}

// An interval of what stays does not make the axis reach a point that stands at its edge.
TEST(AxisFit, EndsBeforeThePointsBeyond) {
  for (const Better better : {Better::kLower, Better::kHigher}) {
    const double sign = better == Better::kLower ? 1 : -1;
    Figure figure = figure_of(
        {{sign * 10, sign * 11}, {sign * 10, sign * 12}, {sign * 13, sign * 100}}, better);
    figure.series[1].points[1].y_ci95 = Interval{sign * 12 - 3, sign * 12 + 3};
    fit_y_axis(figure);
    ASSERT_EQ(figure.y_limit, sign * 12);
    EXPECT_EQ(nearest_beyond(figure), sign * 13);
    const PlotArea area = plot_area(figure);
    const double end = better == Better::kLower ? area.y.high : -area.y.low;
    EXPECT_GT(end, 12.2);
    EXPECT_LT(end, 13 + 1e-9);
  }
}

TEST(SvgFigure, SetsALongTitleOfTheAxisIntoItsLength) {
  Figure figure = figure_of({{0.4, 0.5}}, Better::kHigher);
  EXPECT_FALSE(has(svg_figure(figure, {"m0"}), "textLength"));
  figure.y.title = "exact match (share of answers)";
  EXPECT_TRUE(has(svg_figure(figure, {"m0"}), "textLength=\"240\""));
}

TEST(AxisFit, SettlesAnewWithoutSeries) {
  Figure figure = figure_of({{10, 11}, {10, 12}, {10.5, 100}}, Better::kLower);
  fit_y_axis(figure);
  const Figure less = without_series(figure, {"m2", "unknown"});
  EXPECT_EQ(less.series.size(), 2u);
  EXPECT_FALSE(less.y_limit);
  EXPECT_EQ(without_series(figure, {"unknown"}).y_limit, figure.y_limit);
}

TEST(TicksAt, StandAtTheMarksUnlessTheyWouldOverlap) {
  std::vector<std::string> labels;
  for (const Tick& tick : ticks_at({64, 96, 128, 129, 192, 4096}, 50, 200, false)) {
    labels.push_back(tick.label);
  }
  EXPECT_EQ(labels, (std::vector<std::string>{"64", "96", "128", "192"}));
}

TEST(FigureChoices, AreReadFromTheConfigAndElseTheDefaults) {
  using Json = nlohmann::ordered_json;
  const std::vector<std::string> both = {"svg", "pdf"};
  const struct {
    Json config;
    std::vector<std::string> without;
    std::vector<std::string> formats;
  } cases[] = {
      {Json::object(), {}, both},
      {nullptr, {}, both},
      {{{"report", "all"}}, {}, both},
      {{{"report", {{"figures", {{"without", {"random", "knorm"}}}}}}}, {"random", "knorm"}, both},
      {{{"report", {{"figures", {{"without", "random"}, {"formats", "png"}}}}}},
       {"random"},
       {"png"}},
      {{{"report", {{"figures", {{"formats", Json::array()}}}}}}, {}, both},
  };
  for (const auto& test : cases) {
    const FigureChoices choices = figure_choices(test.config);
    EXPECT_EQ(choices.without, test.without) << test.config;
    EXPECT_EQ(choices.formats, test.formats) << test.config;
  }
}

}  // namespace
}  // namespace pressroom::axis_fit_test
