// Opens a report in real headless Chromium and does with it what a reader would.
//
//   pressroom_report_browser REPORT.html FOLDER
//
// The report is of a campaign of tests/tools/make_campaign.cpp. Screenshots go into FOLDER. Prints
// what is wrong and returns 1; run by run.sh.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>

#include "checks.h"
#include "page_scripts.h"
#include "web_driver.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

class ReportTest {
 public:
  ReportTest(const std::string& page, const std::filesystem::path& folder)
      : folder_(folder), browser_(folder), url_("file://" + page) {}

  int run() {
    const struct {
      const char* name;
      int width;
      int height;
      bool dark;
    } views[] = {{"desktop-light", 1280, 900, false},
                 {"desktop-dark", 1280, 900, true},
                 {"phone-light", 390, 844, false},
                 {"phone-dark", 390, 844, true}};
    for (const auto& view : views) {
      checks_.at(view.name);
      browser_.view(view.width, view.height, view.dark);
      browser_.open(url_);
      looks_right(view.width);
      const std::string background =
          browser_.run("return getComputedStyle(document.body).backgroundColor");
      if (!view.dark) light_background_ = background;
      checks_.expect((background != light_background_) == view.dark, "dark is as light");
      browser_.screenshot(folder_ / (std::string(view.name) + ".png"));
      checks_.at(std::string(view.name) + ", in use");
      sorts();
      filters();
      shows_traces();
      filters_answers();
      hides_series();
      checks_.expect(number("return document.documentElement.scrollWidth") <= view.width,
                     "the page is wider than the window after use");
      is_quiet();
    }
    return checks_.finish();
  }

 private:
  double number(const std::string& script) { return browser_.run(script).get<double>(); }

  double count(const std::string& selector) {
    return number("return document.querySelectorAll(\"" + selector + "\").length");
  }

  void looks_right(int width) {
    checks_.expect(browser_.run("return document.title").get<std::string>().find("made up") !=
                       std::string::npos,
                   "the title does not name the campaign");
    checks_.expect(count("h1") == 1, "there is not one h1");
    checks_.expect(count("main") == 1, "there is not one main landmark");
    checks_.expect(count("#results tbody tr") > 5, "the results table has no rows");
    checks_.expect(count("figure[id]") >= 3, "there are less than three figures");
    checks_.expect(count("img, iframe, object, link[rel=stylesheet]") == 0,
                   "a label became markup, or something is loaded");
    const Json empty = browser_.run(kEmptyFigures);
    checks_.expect(empty.empty(), "figures without size or content: " + empty.dump());
    const Json twice = browser_.run(kRepeatedIds);
    checks_.expect(twice.empty(), "ids that are there twice: " + twice.dump());
    checks_.expect(number("return document.documentElement.scrollWidth") <= width,
                   "the page is wider than the window");
    // At the width of a laptop the table needs no scroll bar; on a phone it has one of its own.
    const double room = number("return document.getElementById('results').parentNode.clientWidth");
    const double table = number("return document.getElementById('results').offsetWidth");
    checks_.expect(width < 1280 || table <= room, "the results table is wider than its box");
    checks_.expect(room <= width, "the box of the results table is wider than the window");
    const Json faint = browser_.run(kFaintText);
    checks_.expect(faint.empty(), "text with too little contrast: " + faint.dump());
    const Json nameless = browser_.run(kNamelessDrawings);
    checks_.expect(nameless == 0, "drawings without a name: " + nameless.dump());
  }

  std::string button(int column) {
    return "#results thead th:nth-child(" + std::to_string(column + 1) + ") button";
  }

  std::string direction(int column) {
    const Json sorted = browser_.run("return document.querySelectorAll('#results thead th')[" +
                                     std::to_string(column) + "].getAttribute('aria-sort') || ''");
    return sorted.get<std::string>();
  }

  std::vector<double> numbers(int column) {
    std::string script = kNumbers;
    script.replace(script.find('%'), 1, std::to_string(column));
    return browser_.run(script).get<std::vector<double>>();
  }

  void expect_sorted(int column, const std::string& how) {
    std::vector<double> values = numbers(column);
    if (direction(column) == "descending") std::reverse(values.begin(), values.end());
    checks_.expect(!direction(column).empty(),
                   "column " + std::to_string(column) + " does not tell its order " + how);
    checks_.expect(std::is_sorted(values.begin(), values.end()),
                   "column " + std::to_string(column) + " is not sorted " + how);
  }

  void sorts() {
    const int columns = static_cast<int>(count("#results thead th"));
    const double rows = count("#results tbody tr");
    int numeric = 0;
    for (int column = 0; column < columns; ++column) {
      browser_.click(button(column));
      expect_sorted(column, "by a click");
      const std::string before = direction(column);
      std::vector<double> values = numbers(column);
      browser_.press(button(column), kEnter);
      expect_sorted(column, "by the keyboard");
      checks_.expect(direction(column) != before, "the second time does not turn the order");
      checks_.expect(count("#results th[aria-sort]") == 1, "several columns say they are sorted");
      std::sort(values.begin(), values.end());
      if (values.size() > 5 && values.front() < values.back()) ++numeric;
    }
    checks_.expect(numeric >= 4, "less than four columns had numbers to sort");
    checks_.expect(count("#results tbody tr") == rows, "sorting lost rows");
  }

  double shown_rows() {
    return number(
        "return Array.from(document.querySelectorAll('#results tbody tr'))"
        "  .filter(row => row.checkVisibility()).length");
  }

  void filters() {
    const double all = shown_rows();
    browser_.press("#filter", "h2o");
    const double some = shown_rows();
    checks_.expect(some > 0 && some < all, "the filter does not choose rows");
    const Json others = browser_.run(
        "return Array.from(document.querySelectorAll('#results tbody tr'))"
        "  .filter(row => row.checkVisibility() && !row.textContent.includes('h2o')).length");
    checks_.expect(others == 0, "the filter shows other rows");
    browser_.press("#filter", "zzz");
    checks_.expect(shown_rows() == 0, "the filter finds what is not there");
    browser_.press("#filter", backspaces(6));
    checks_.expect(shown_rows() == all, "an empty filter hides rows");
  }

  static std::string backspaces(int count) {
    std::string keys;
    for (int i = 0; i < count; ++i) keys += "\xEE\x80\x83";  // U+E003
    return keys;
  }

  // The text with its colours.
  std::string traced() {
    return browser_
        .run(
            "return Array.from(document.querySelectorAll('#trace-text span'))"
            "  .map(span => span.className + span.textContent).join('|')")
        .get<std::string>();
  }

  void choose(const std::string& select, int option) {
    browser_.run("const s = document.querySelector('" + select +
                 "'); s.selectedIndex = " + std::to_string(option) +
                 "; s.dispatchEvent(new Event('change', {bubbles: true}));");
  }

  void shows_traces() {
    if (count("#traces select") == 0) {
      checks_.expect(false, "there is no view of the eviction traces");
      return;
    }
    const std::string first = traced();
    checks_.expect(count("#trace-text span") == 512, "the text does not have its 512 tokens");
    checks_.expect(first.find("<b>") != std::string::npos, "a token is not shown as it is");
    choose("#trace-layer", 1);
    checks_.expect(traced() != first, "another layer has the same colours");
    choose("#trace-layer", 0);
    checks_.expect(traced() == first, "the mean over layers does not come back");
    choose("#trace-run", 1);
    checks_.expect(traced() != first, "another method has the same colours");
  }

  void filters_answers() {
    const char* kShown =
        "return Array.from(document.querySelectorAll('.qa'))"
        "  .filter(question => question.checkVisibility()).length";
    const double all = number(kShown);
    checks_.expect(all > 5, "there are no answers");
    checks_.expect(count(".qa mark") > 0, "no answer's difference is marked");
    browser_.run("document.querySelector('.qa details.lost').open = true");
    checks_.expect(count("details.lost[open] .heat td") == 8, "there is no picture of evidence");
    choose("#answers-filter", 2);  // with the baseline, which knows them all
    checks_.expect(number(kShown) == 0, "the filter shows answers that are right");
    choose("#answers-filter", 3);
    const double some = number(kShown);
    checks_.expect(some > 0 && some < all, "the filter does not choose answers");
    choose("#answers-filter", 0);
    checks_.expect(number(kShown) == all, "the filter does not let answers come back");
  }

  void hides_series() {
    if (count("figure[id] .legend button") == 0) return;
    const char* kDrawn =
        "return Array.from(document.querySelectorAll('figure[id] svg .series'))"
        "  .filter(g => getComputedStyle(g).display !== 'none').length";
    const double before = number(kDrawn);
    browser_.click("figure[id] .legend button");
    checks_.expect(number(kDrawn) == before - 1, "the legend does not hide a series");
    browser_.click("figure[id] .legend button");
    checks_.expect(number(kDrawn) == before, "the legend does not bring a series back");
  }

  void is_quiet() {
    for (const std::string& line : browser_.console()) checks_.expect(false, "console: " + line);
    for (const std::string& address : browser_.requests()) {
      checks_.expect(address.rfind("file://", 0) == 0 || address.rfind("data:", 0) == 0,
                     "the page asked for " + address);
    }
  }

  std::filesystem::path folder_;
  WebDriver browser_;
  std::string url_;
  std::string light_background_;
  Checks checks_;
};

}  // namespace
}  // namespace pressroom

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: pressroom_report_browser REPORT.html FOLDER\n";
    return 2;
  }
  try {
    return pressroom::ReportTest(std::filesystem::absolute(argv[1]), argv[2]).run();
  } catch (const std::exception& error) {
    std::cerr << "FAILED: " << error.what() << "\n";
    return 1;
  }
}
