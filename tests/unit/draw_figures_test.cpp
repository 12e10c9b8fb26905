#include "report/figures/draw_figures.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <sstream>

#include "pressroom/error.h"
#include "report/figures/figure.h"
#include "report/figures/gnuplot_script.h"
#include "report/figures/run_gnuplot.h"

namespace pressroom::draw_figures_test {
namespace {

namespace fs = std::filesystem;

bool has_gnuplot() { return ::system("command -v gnuplot > /dev/null 2>&1") == 0; }

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class DrawFigures : public ::testing::Test {
 protected:
  DrawFigures()
      : folder_(fs::path(::testing::TempDir()) / ("pressroom_draw_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
  }
  ~DrawFigures() override {
    fs::remove_all(folder_);
    if (path_.empty()) return;
    ::setenv("PATH", path_.c_str(), 1);
  }

  // Makes PATH a folder that holds nothing but, where `script` is not empty, a gnuplot of ours.
  void replace_gnuplot(const std::string& script) {
    path_ = ::getenv("PATH");
    const fs::path tools = folder_ / "tools";
    fs::create_directories(tools);
    if (!script.empty()) {
      std::ofstream(tools / "gnuplot") << "#!/bin/sh\n" << script << "\n";
      ::chmod((tools / "gnuplot").c_str(), 0755);
    }
    ::setenv("PATH", tools.c_str(), 1);
  }

  fs::path figures() const { return folder_ / "figures"; }

  fs::path folder_;
  std::string path_;
};

Figure trade_off() {
  Figure figure;
  figure.id = "ppl_vs_kept";
  figure.title = "Perplexity against what was kept";
  figure.caption = "Two methods.";
  figure.x = {"kept fraction", false, Better::kLower};
  figure.y = {"perplexity", true, Better::kLower};
  figure.series = {
      {"h2o", {{0.1, 14, Interval{13.5, 14.5}, "h2o, sparsity 0.9"}, {0.5, 12.5, {}, "h2o, 0.5"}}},
      {"cab", {{0.1, 15, {}, "cab, 0.9"}, {0.5, 12.25, Interval{12, 12.5}, "cab, 0.5"}}}};
  figure.draws_pareto = true;
  figure.y_reference = 12.0;
  mark_pareto(figure);
  return figure;
}

TEST(MarkPareto, MarksWhatNothingBeats) {
  const struct {
    const char* name;
    Better x;
    Better y;
    std::vector<std::pair<double, double>> points;
    std::vector<bool> marked;
  } cases[] = {
      {"a front",
       Better::kLower,
       Better::kLower,
       {{1, 5}, {2, 3}, {2.5, 4}, {4, 1}},
       {true, true, false, true}},
      {"the other corner",
       Better::kHigher,
       Better::kHigher,
       {{1, 5}, {2, 3}, {2.5, 4}, {4, 1}},
       {true, false, true, true}},
      {"mixed", Better::kHigher, Better::kLower, {{1, 5}, {2, 3}, {4, 1}}, {false, false, true}},
      {"equal points",
       Better::kLower,
       Better::kLower,
       {{1, 1}, {1, 1}, {1, 2}, {2, 1}},
       {true, true, false, false}},
      {"not finite",
       Better::kLower,
       Better::kLower,
       {{NAN, 0}, {0, -INFINITY}, {3, 3}, {2, NAN}},
       {false, false, true, false}},
      {"no direction", Better::kNeither, Better::kLower, {{1, 1}}, {false}},
      {"nothing", Better::kLower, Better::kLower, {}, {}},
  };
  for (const auto& test : cases) {
    Figure figure;
    figure.x.better = test.x;
    figure.y.better = test.y;
    // A series a point: the front is that of all of them.
    for (const auto& [x, y] : test.points) figure.series.push_back({"", {{x, y, {}, "", true}}});
    mark_pareto(figure);
    for (std::size_t i = 0; i < test.marked.size(); ++i) {
      EXPECT_EQ(figure.series[i].points[0].pareto, test.marked[i]) << test.name << ", point " << i;
    }
  }
}

TEST(AxisRange, HoldsAllNumbersAndHasRoundTicks) {
  const struct {
    std::vector<double> numbers;
    bool logarithmic;
    std::vector<double> ticks;
  } cases[] = {
      {{0, 1}, false, {0, 0.2, 0.4, 0.6, 0.8, 1}},
      {{12, 18}, true, {12, 13, 14, 15, 16, 17, 18}},
      {{1, 1000}, true, {1, 10, 100, 1000}},
      {{2, 40}, true, {2, 5, 10, 20}},
      {{5, 5}, false, {4.6, 4.8, 5, 5.2, 5.4}},
      {{0, 0}, false, {-1, -0.5, 0, 0.5, 1}},
      {{7, 7}, true, {6.4, 6.6, 6.8, 7, 7.2, 7.4, 7.6}},
      {{-3, NAN, INFINITY, 1, 10}, true, {1, 2, 5, 10}},
      {{}, false, {0, 0.2, 0.4, 0.6, 0.8, 1}},
      {{NAN}, true, {1, 2, 5, 10}},
      {{1e300, 2e300}, false, {1e300, 1.2e300, 1.4e300, 1.6e300, 1.8e300, 2e300}},
  };
  for (const auto& test : cases) {
    const AxisRange range = axis_range(test.numbers, test.logarithmic);
    ASSERT_EQ(range.ticks.size(), test.ticks.size()) << range.low;
    for (std::size_t i = 0; i < test.ticks.size(); ++i) {
      EXPECT_NEAR(range.ticks[i].value, test.ticks[i], 1e-9 * std::abs(test.ticks[i]));
    }
    for (const double number : test.numbers) {
      if (!std::isfinite(number) || (test.logarithmic && number <= 0)) continue;
      EXPECT_LT(range.low, number);
      EXPECT_GT(range.high, number);
    }
  }
}

TEST(GnuplotText, IsOneLineOfUtf8) {
  EXPECT_EQ(one_line("a\nb\tc\x01"), "a b c?");
  EXPECT_EQ(one_line("caf\xc3\xa9 \xff!"), "caf\xc3\xa9 ?!");
  EXPECT_EQ(one_line("]]>"), "]] >");
  EXPECT_EQ(one_line("&#0;&amp;"), "& #0;&amp;");
  EXPECT_EQ(shortened("abcdef", 5), "ab...");
  EXPECT_EQ(shortened("abcde", 5), "abcde");
  EXPECT_EQ(gnuplot_string("a \"b\" `id` @1c \\n $12 #0 %d"),
            R"("a \042b\042 \140id\140 \100\061c \134n \044\061\062 #0 %d")");
}

TEST(FigureCsv, HasARowAPointWithNamesLast) {
  Figure figure = trade_off();
  figure.series[1].name = "c,\"a\"\nb";
  figure.series[1].points[0].y = INFINITY;
  EXPECT_EQ(figure_csv(figure),
            "series_number,x,y,y_low,y_high,pareto,series,label\n"
            "0,0.1,14,13.5,14.5,1,h2o,\"h2o, sparsity 0.9\"\n"
            "0,0.5,12.5,,,0,h2o,\"h2o, 0.5\"\n"
            "1,0.1,inf,,,0,\"c,\"\"a\"\" b\",\"cab, 0.9\"\n"
            "1,0.5,12.25,12,12.5,1,\"c,\"\"a\"\" b\",\"cab, 0.5\"\n");
}

TEST_F(DrawFigures, WritesDataScriptAndDrawings) {
  if (!has_gnuplot()) GTEST_SKIP() << "NOT TESTED: figures: gnuplot is not installed";
  const DrawnFigures drawn = draw_figures({trade_off()}, figures(), {"svg", "pdf", "png"});
  EXPECT_EQ(drawn.note, "");
  ASSERT_EQ(drawn.files.size(), 5u);
  const std::string svg = content(figures() / "ppl_vs_kept.svg");
  for (const char* text :
       {"h2o", "cab", "Pareto front", "dense", "kept fraction", "rgb(  0, 114, 178)"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(content(figures() / "ppl_vs_kept.pdf").substr(0, 5), "%PDF-");
  EXPECT_EQ(content(figures() / "ppl_vs_kept.png").substr(1, 3), "PNG");
  for (const auto& entry : fs::directory_iterator(figures())) {
    EXPECT_EQ(entry.path().stem(), "ppl_vs_kept") << "a file is left behind";
  }
}

TEST_F(DrawFigures, GivesAMethodTheSameLooksInEveryFigure) {
  Figure second = trade_off();
  second.id = "second";
  second.series.erase(second.series.begin());
  draw_figures({trade_off(), second}, figures(), {"svg"});
  for (const char* script : {"ppl_vs_kept.gp", "second.gp"}) {
    EXPECT_NE(content(figures() / script).find("pt 5 lc rgb \"#0072b2\" lw 1 dt 1 title \"cab\""),
              std::string::npos)
        << script;
  }
}

TEST_F(DrawFigures, GivesAMethodTheLooksOfItsPlaceOnThePage) {
  draw_figures({trade_off()}, figures(), {}, {"dense", "cab", "knorm", "h2o"});
  const std::string script = content(figures() / "ppl_vs_kept.gp");
  EXPECT_NE(script.find("pt 5 lc rgb \"#0072b2\" lw 1 dt 1 title \"cab\""), std::string::npos);
  EXPECT_NE(script.find("pt 13 lc rgb \"#009e73\" lw 1 dt 1 title \"h2o\""), std::string::npos);
}

TEST_F(DrawFigures, ALineOfManyPointsHasNoSymbols) {
  Figure figure = trade_off();
  FigureSeries& series = figure.series[0];
  series.points.resize(1);
  for (std::size_t i = 1; i < kMostMarked; ++i) {
    series.points.push_back({0.1 + 0.01 * static_cast<double>(i), 13, Interval{12, 14}, "h2o"});
  }
  const auto script = [&] {
    draw_figures({figure}, figures(), {});
    return content(figures() / "ppl_vs_kept.gp");
  };
  const auto draws = [&](const std::string& what) {
    return script().find(what) != std::string::npos;
  };
  EXPECT_TRUE(draws("every ::0::23 using 2:3 with linespoints pt 7 lc"));
  EXPECT_TRUE(draws("every ::0::23 using 2:3:4:5 with yerrorbars"));
  series.points.push_back({0.5, 13, Interval{12, 14}, "h2o"});
  EXPECT_TRUE(draws("every ::0::24 using 2:3 with lines lc"));
  EXPECT_TRUE(draws("every ::25::26 using 2:3 with linespoints pt 5 lc"));
  EXPECT_FALSE(draws("every ::0::24 using 2:3:4:5 with yerrorbars"));
  series.joined = false;
  EXPECT_TRUE(draws("every ::0::24 using 2:3 with points pt 7 lc"));
}

TEST_F(DrawFigures, JoinsTheFrontAcrossSeries) {
  if (!has_gnuplot()) GTEST_SKIP() << "NOT TESTED: figures: gnuplot is not installed";
  Figure figure = trade_off();
  figure.series = {{"a", {{0.1, 16, {}, ""}, {0.3, 14, {}, ""}, {0.4, 19, {}, ""}}, false},
                   {"b", {{0.2, 15, {}, ""}, {0.25, 18, {}, ""}, {0.4, 13, {}, ""}}, false}};
  figure.y_reference.reset();
  mark_pareto(figure);
  draw_figures({figure}, figures(), {"svg"});
  const std::string svg = content(figures() / "ppl_vs_kept.svg");
  const std::size_t front = svg.find("<path", svg.find("Pareto front</text>"));
  ASSERT_NE(front, std::string::npos);
  const std::string path = svg.substr(front, svg.find("/>", front) - front);
  // The legend's sample from one end to the other, and a line of four corners.
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 2) << path;
  EXPECT_EQ(std::count(path.begin(), path.end(), 'L'), 1 + 3) << path;
}

// The lines of an SVG of gnuplot's in this colour, by their corners.
std::vector<std::size_t> lines_in(const std::string& svg, const std::string& colour) {
  std::vector<std::size_t> corners;
  for (std::size_t at = svg.find("<path"); at != std::string::npos;
       at = svg.find("<path", at + 1)) {
    const std::string path = svg.substr(at, svg.find("/>", at) - at);
    if (path.find(colour) == std::string::npos) continue;
    corners.push_back(static_cast<std::size_t>(std::count(path.begin(), path.end(), 'L')));
  }
  return corners;
}

TEST_F(DrawFigures, DrawsEachSeriesFromItsOwnRows) {
  if (!has_gnuplot()) GTEST_SKIP() << "NOT TESTED: figures: gnuplot is not installed";
  Figure figure = trade_off();
  figure.series = {{"a", {{0.1, 16, {}, "x"}, {0.3, 14, {}, "x"}, {0.4, 19, {}, "x"}}},
                   {"b", {{0.2, -1, {}, "x"}}},  // has a row and cannot be drawn
                   {"c", {{0.2, 15, {}, "x"}, {0.4, 13, {}, "x"}}}};
  draw_figures({figure}, figures(), {"svg"}, {"dense"});
  const std::string svg = content(figures() / "ppl_vs_kept.svg");
  // The legend's sample of one side, then the corners but the first.
  EXPECT_EQ(lines_in(svg, "rgb(  0, 114, 178)"), (std::vector<std::size_t>{1 + 2})) << svg;
  EXPECT_EQ(lines_in(svg, "rgb(  0, 158, 115)"), (std::vector<std::size_t>{1 + 1})) << svg;
}

TEST_F(DrawFigures, WritesTheSameBytesAgain) {
  if (!has_gnuplot()) GTEST_SKIP() << "NOT TESTED: figures: gnuplot is not installed";
  draw_figures({trade_off()}, figures(), {"svg", "pdf"});
  const std::string svg = content(figures() / "ppl_vs_kept.svg");
  const std::string pdf = content(figures() / "ppl_vs_kept.pdf");
  ::sleep(2);  // a PDF is stamped in seconds
  draw_figures({trade_off()}, figures(), {"svg", "pdf"});
  EXPECT_EQ(content(figures() / "ppl_vs_kept.svg"), svg);
  EXPECT_EQ(content(figures() / "ppl_vs_kept.pdf"), pdf);
}

TEST_F(DrawFigures, TakesAwayWhatKilledRunsLeft) {
  fs::create_directories(figures());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);  // gone now
  const fs::path left = figures() / (".drawing-" + std::to_string(child));
  const fs::path used = figures() / (".drawing-" + std::to_string(::getppid()));
  const fs::path theirs = figures() / ".drawing-notes";
  for (const fs::path& folder : {left, used, theirs}) {
    fs::create_directories(folder);
    std::ofstream(folder / "ppl.svg") << "half";
  }
  draw_figures({trade_off()}, figures(), {"svg"});
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(used));
  EXPECT_TRUE(fs::exists(theirs));
}

TEST_F(DrawFigures, TakesAnyLabelAsText) {
  if (!has_gnuplot()) GTEST_SKIP() << "NOT TESTED: figures: gnuplot is not installed";
  Figure figure = trade_off();
  const std::string evil =
      "\"; system(\"touch owned\"); `touch owned` @x $(touch owned) '\n"
      "0,1,1,,,1,x,y\n</text><script>&amp;&#0;]]>\xff\\";
  figure.title = figure.caption = figure.x.title = figure.y.title = evil;
  figure.series[0].name = figure.series[0].points[0].label = evil;
  figure.series[1].name = "#1 \"%s\" {/Symbol a}_b^c";
  const DrawnFigures drawn = draw_figures({figure}, figures(), {"svg", "pdf"});
  EXPECT_EQ(drawn.note, "");
  EXPECT_EQ(drawn.files.size(), 4u);
  EXPECT_FALSE(fs::exists(figures() / "owned"));
  EXPECT_FALSE(fs::exists("owned"));
  const std::string svg = content(figures() / "ppl_vs_kept.svg");
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(svg.find("]]>"), std::string::npos);
  EXPECT_EQ(svg.find('\0'), std::string::npos);
  EXPECT_NE(svg.find("{/Symbol a}_b^c"), std::string::npos) << "taken for mark-up";
}

TEST_F(DrawFigures, SurvivesNumbersThatCannotBeDrawn) {
  if (!has_gnuplot()) GTEST_SKIP() << "NOT TESTED: figures: gnuplot is not installed";
  Figure nothing = trade_off();
  nothing.id = "nothing";
  for (FigureSeries& series : nothing.series) {
    for (FigurePoint& point : series.points) point.y = -1;  // on a logarithmic axis
  }
  Figure little = trade_off();
  little.id = "little";
  little.series[0].points[0].y = INFINITY;
  little.series[0].points[1].x = NAN;
  little.series[1].points.resize(1);
  Figure equal = trade_off();
  equal.id = "equal";
  for (FigureSeries& series : equal.series) series.points = {{1, 12, Interval{-1, 13}, ""}};
  Figure empty;
  empty.id = "empty";
  const DrawnFigures drawn =
      draw_figures({nothing, little, equal, empty}, figures(), {"svg", "pdf"});
  EXPECT_EQ(drawn.note, "");
  EXPECT_FALSE(fs::exists(figures() / "nothing.svg"));
  EXPECT_TRUE(fs::exists(figures() / "nothing.csv"));
  EXPECT_TRUE(fs::exists(figures() / "empty.csv"));
  EXPECT_TRUE(fs::exists(figures() / "little.svg"));
  EXPECT_TRUE(fs::exists(figures() / "equal.pdf"));
  EXPECT_TRUE(draw_figures({}, figures(), {"svg"}).files.empty());
}

TEST_F(DrawFigures, SaysWhatToInstallWithoutGnuplot) {
  replace_gnuplot("");
  const DrawnFigures drawn = draw_figures({trade_off()}, figures(), {"svg"});
  EXPECT_EQ(drawn.note,
            "gnuplot is not installed: figures are there as data only (apt-get install "
            "gnuplot-nox)");
  EXPECT_EQ(drawn.files,
            (std::vector<fs::path>{figures() / "ppl_vs_kept.csv", figures() / "ppl_vs_kept.gp"}));
}

TEST_F(DrawFigures, DrawsAllFormatsAtOnce) {
  // Each gnuplot waits for the other.
  replace_gnuplot(
      "case \"$*\" in *svg*) me=svg other=pdf;; *) me=pdf other=svg;; esac\n"
      ": > begun.$me\n"
      "for i in 1 2 3 4 5 6 7 8 9 10; do\n"
      "  if [ -e begun.$other ]; then\n"
      "    for bench in .drawing-*; do\n"
      "      echo '</svg>' > $bench/ppl_vs_kept.svg; echo '%%EOF' > $bench/ppl_vs_kept.pdf\n"
      "    done\n"
      "    exit 0\n"
      "  fi\n"
      "  /bin/sleep 0.5\n"
      "done\n"
      "echo $me was alone\n"
      "exit 1");
  EXPECT_EQ(draw_figures({trade_off()}, figures(), {"svg", "pdf"}).note, "");
}

TEST_F(DrawFigures, HasNoDrawingsWhereOneFormatFails) {
  replace_gnuplot(
      "case \"$*\" in *pdf*) echo no cairo; exit 1;; esac\n"
      "for bench in .drawing-*; do echo drawn > $bench/ppl_vs_kept.svg; done");
  const DrawnFigures drawn = draw_figures({trade_off()}, figures(), {"svg", "pdf"});
  EXPECT_EQ(drawn.note, "gnuplot failed: no cairo");
  EXPECT_EQ(drawn.files.size(), 2u);
}

// What a full disk leaves: gnuplot does not look at whether its writes went well.
TEST_F(DrawFigures, RefusesADrawingThatIsNotWhole) {
  replace_gnuplot("for bench in .drawing-*; do echo '<svg>' > $bench/ppl_vs_kept.svg; done");
  const DrawnFigures drawn = draw_figures({trade_off()}, figures(), {"svg"});
  EXPECT_EQ(drawn.note, "gnuplot left no whole ppl_vs_kept.svg: is there room for it on the disk?");
  EXPECT_TRUE(drawn.failed);
  EXPECT_FALSE(fs::exists(figures() / "ppl_vs_kept.svg"));
}

TEST_F(DrawFigures, RemovesOldDrawingsWhereGnuplotFails) {
  replace_gnuplot("echo 'line 3: no such terminal' >&2; exit 1");
  fs::create_directories(figures());
  std::ofstream(figures() / "ppl_vs_kept.svg") << "of before";
  const DrawnFigures drawn = draw_figures({trade_off()}, figures(), {"svg"});
  EXPECT_EQ(drawn.note, "gnuplot failed: line 3: no such terminal");
  EXPECT_EQ(drawn.files.size(), 2u);
  EXPECT_FALSE(fs::exists(figures() / "ppl_vs_kept.svg"));
}

TEST_F(DrawFigures, StopsAGnuplotThatHangs) {
  replace_gnuplot("exec /bin/sleep 100");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run_gnuplot({}, folder_, folder_ / "log", std::chrono::milliseconds(100)),
            "gnuplot was stopped after 0.1 s: figures are there as data only");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// As under a parent that passes it on: the kernel keeps no exit status.
TEST_F(DrawFigures, DoNotTakeAFailureForSuccessWhereSigchldIsIgnored) {
  replace_gnuplot("exit 1");
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  const std::string note = run_gnuplot({}, folder_, folder_ / "log", std::chrono::seconds(10));
  std::signal(SIGCHLD, before);
  EXPECT_EQ(note,
            "how gnuplot ended cannot be known where SIGCHLD is ignored: figures are there as data "
            "only");
}

TEST_F(DrawFigures, TakesIdsMadeOfAnyLabelThatAConfigCanHave) {
  if (!has_gnuplot()) GTEST_SKIP() << "NOT TESTED: figures: gnuplot is not installed";
  Figure figure = trade_off();
  figure.id = "speed_benchmark_H2o+x_0.5-b_books+more";
  const DrawnFigures drawn = draw_figures({figure}, figures(), {"svg"});
  EXPECT_EQ(drawn.note, "");
  EXPECT_TRUE(fs::exists(figures() / (figure.id + ".svg")));
}

TEST_F(DrawFigures, RefusesNamesThatAreNoFileNames) {
  for (const char* id : {"", "../up", "a/b", "a b", "-e", ".hidden", "a\"b"}) {
    Figure figure = trade_off();
    figure.id = id;
    EXPECT_THROW(draw_figures({figure}, figures(), {"svg"}), Error) << id;
  }
  EXPECT_THROW(draw_figures({trade_off()}, figures(), {"eps"}), Error);
  fs::create_directories(folder_);
  std::ofstream(figures()) << "a file in the way";
  EXPECT_THROW(draw_figures({trade_off()}, figures(), {"svg"}), Error);
}

}  // namespace
}  // namespace pressroom::draw_figures_test
