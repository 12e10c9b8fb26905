#include "report/html/svg_figure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "markup_check.h"
#include "scratch_folder.h"
#include "test_folders.h"

namespace pressroom::svg_figure_test {
namespace {

FigurePoint point(double x, double y, const std::string& label = "p") {
  FigurePoint made;
  made.x = x;
  made.y = y;
  made.label = label;
  return made;
}

Figure small_figure() {
  Figure figure;
  figure.id = "ppl_vs_kept";
  figure.title = "Perplexity against what was kept";
  figure.caption = "Two methods.";
  figure.x = {"kept", false, Better::kLower};
  figure.y = {"perplexity", false, Better::kLower};
  figure.series = {{"dense", {point(1, 10, "dense")}, true},
                   {"h2o", {point(0.1, 14, "h2o, 0.9"), point(0.5, 11, "h2o, 0.5")}, true}};
  figure.series[1].points[0].y_ci95 = Interval{13, 15.5};
  figure.series[1].points[0].pareto = true;
  figure.series[1].points[1].pareto = true;
  figure.draws_pareto = true;
  figure.y_reference = 10;
  return figure;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

TEST(SvgFigure, ReadsAsApproved) {
  const std::string file = test_dir().string() + "/approved/report/small_figure.svg";
  EXPECT_EQ(svg_figure(small_figure(), {"dense", "h2o"}), read_file(file));
}

TEST(SvgFigure, HasAPointForEachPointAndAnIntervalWhereThereIsOne) {
  const std::string svg = svg_figure(small_figure(), {"dense", "h2o"});
  EXPECT_EQ(unbalanced_tag(svg), "");
  EXPECT_EQ(count_of(svg, "class=\"point"), 3u);
  EXPECT_EQ(count_of(svg, "class=\"bar\""), 1u);
  EXPECT_EQ(count_of(svg, "class=\"reference\""), 1u);
  EXPECT_EQ(count_of(svg, "class=\"front\""), 1u);
  EXPECT_NE(svg.find("h2o, 0.9: 0.1000, 14.00 (95 % interval 13.00 to 15.50)"), std::string::npos);
  EXPECT_NE(svg.find("role=\"img\" aria-labelledby=\"ppl_vs_kept-t ppl_vs_kept-d\""),
            std::string::npos);
}

TEST(SvgFigure, PlacesPointsInProportion) {
  Figure figure = small_figure();
  const PlotArea area = plot_area(figure);
  // 0.1 and 1 span 90 % of the range: 5 % lie on either side.
  const double width = area.right - area.left;
  EXPECT_NEAR((area.x.place(0.1) - area.left) / width, 0.05 / 1.1, 1e-12);
  EXPECT_NEAR((area.x.place(1) - area.left) / width, 1.05 / 1.1, 1e-12);
  EXPECT_NEAR(area.x.place(0.55), (area.left + area.right) / 2, 1e-9);
  EXPECT_GT(area.y.place(10), area.y.place(14));  // up is larger
  figure.x.logarithmic = true;
  const PlotArea log = plot_area(figure);
  EXPECT_NEAR(log.x.place(std::sqrt(0.1)), (log.left + log.right) / 2, 1e-9);
}

TEST(SvgFigure, AHugeIntervalDoesNotFlattenTheRest) {
  Figure figure = small_figure();
  figure.series[1].points[0].y_ci95 = Interval{0, 1e9};
  EXPECT_LT(plot_area(figure).y.high, 20);
  EXPECT_EQ(svg_figure(figure, {"dense", "h2o"}).find("nan"), std::string::npos);
}

TEST(SvgFigure, LeavesOutWhatCannotBeShown) {
  Figure figure = small_figure();
  figure.series[1].points.push_back(point(0.3, std::nan("")));
  figure.series[1].points.push_back(point(0.3, INFINITY));
  figure.x.logarithmic = true;
  figure.series[0].points.push_back(point(0, 10));  // zero has no logarithm
  const std::string svg = svg_figure(figure, {"dense", "h2o"});
  EXPECT_EQ(count_of(svg, "class=\"point"), 3u);
  figure.series.clear();
  EXPECT_NE(svg_figure(figure, {}).find("no point can be shown"), std::string::npos);
}

TEST(SvgFigure, ALineOfManyPointsHasNoSymbols) {
  Figure figure = small_figure();
  for (std::size_t i = 2; i < kMostMarked; ++i) figure.series[1].points.push_back(point(0.6, 11));
  EXPECT_EQ(count_of(svg_figure(figure, {"dense", "h2o"}), "class=\"point"), 1 + kMostMarked);
  figure.series[1].points.push_back(point(0.7, 11));
  const std::string line = svg_figure(figure, {"dense", "h2o"});
  EXPECT_EQ(count_of(line, "class=\"point"), 1u);
  EXPECT_EQ(count_of(line, "class=\"line\""), 1u);
  figure.series[1].joined = false;
  EXPECT_EQ(count_of(svg_figure(figure, {"dense", "h2o"}), "class=\"point"), 2 + kMostMarked);
}

TEST(SvgFigure, OnePointAloneHasAnAxis) {
  Figure figure = small_figure();
  figure.series.resize(1);
  figure.y_reference.reset();
  const std::string svg = svg_figure(figure, {"dense"});
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_GE(count_of(svg, "<text"), 4u);
}

TEST(SvgFigure, LabelsAreTextWhateverTheyHold) {
  Figure figure = small_figure();
  const std::string evil = "</svg><script>alert('1')</script>\"&\x1b\xff";
  figure.title = figure.caption = figure.x.title = figure.series[1].name = evil;
  figure.series[1].points[0].label = evil;
  const std::string svg = svg_figure(figure, {"dense", evil});
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(svg.find('\x1b'), std::string::npos);
  EXPECT_EQ(svg.find('\xff'), std::string::npos);
  EXPECT_EQ(unbalanced_tag(svg), "");
}

TEST(SvgFigure, FiftySixSeriesDifferInColourOrSymbol) {
  std::set<std::string> looks;
  for (std::size_t style = 0; style < 57; ++style) {
    EXPECT_TRUE(looks.insert(colour_class(style) + symbol_path(style, 0, 0)).second) << style;
  }
  EXPECT_EQ(colour_class(0), "c0");
  EXPECT_EQ(style_index("h2o", {"dense", "h2o"}), 1u);
  EXPECT_EQ(style_index("gone", {"dense", "h2o"}), 2u);
}

}  // namespace
}  // namespace pressroom::svg_figure_test
