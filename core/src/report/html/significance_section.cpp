#include <algorithm>
#include <map>
#include <tuple>

#include "base/number_text.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/table/summary.h"

namespace pressroom {
namespace {

// Comparisons by what they compare: first, second, sparsity or budget, dataset, context.
using Key = std::tuple<std::string, std::string, double, std::string, std::int64_t>;
using Pairs = std::map<Key, const Comparison*>;

Pairs pairs_of(const ComparisonReport& report) {
  Pairs pairs;
  for (const Family* family : {&report.to_baseline, &report.pairwise}) {
    for (const Comparison& c : family->comparisons) {
      const double amount = c.by_budget ? static_cast<double>(c.budget_tokens) : c.sparsity;
      pairs[{c.first, c.second, amount, c.dataset, c.context_tokens}] = &c;
    }
  }
  return pairs;
}

// How `row` does against `column`; `sign` is 1 where the comparison is of column, then row.
std::string cell_markup(const Comparison& comparison, double sign) {
  if (!comparison.p_holm) {
    switch (comparison.status) {
      case ComparisonStatus::kDeterministic:
        return comparison.test.mean == 0 ? "<td>same</td>" : "<td>no test</td>";
      case ComparisonStatus::kEqual:
        return "<td>same</td>";
      case ComparisonStatus::kTooFew:
        return "<td>no test</td>";
      default:
        return element("td", to_string(comparison.status));
    }
  }
  const std::string p = significant(*comparison.p_holm, 2);
  if (!comparison.significant()) return "<td>open " + p + "</td>";
  const bool worse = sign * comparison.test.mean > 0;
  return worse ? "<td class=\"w\">worse " + p + "</td>" : "<td class=\"b\">better " + p + "</td>";
}

std::string matrix(const Pairs& pairs, const Setting& setting, double amount,
                   const std::vector<std::string>& methods) {
  const auto find = [&](const std::string& first, const std::string& second) -> const Comparison* {
    const auto pair = pairs.find({first, second, amount, setting.dataset, setting.context_tokens});
    return pair == pairs.end() ? nullptr : pair->second;
  };
  std::string markup =
      "<div class=\"box\" tabindex=\"0\"><table class=\"matrix\"><caption>The "
      "method of the row against that of the column</caption><thead><tr><td></td>";
  for (const std::string& method : methods) markup += element("th", method, "scope=\"col\"");
  markup += "</tr></thead><tbody>";
  for (const std::string& row : methods) {
    markup += "<tr>" + element("th", row, "scope=\"row\" class=\"l\"");
    for (const std::string& column : methods) {
      if (const Comparison* c = find(column, row)) {
        markup += cell_markup(*c, 1);
      } else if (const Comparison* reverse = find(row, column)) {
        markup += cell_markup(*reverse, -1);
      } else {
        markup += "<td></td>";
      }
    }
    markup += "</tr>";
  }
  return markup + "</tbody></table></div>";
}

// Whether anything is compared there: a metric is not told of every dataset.
bool is_compared(const ComparisonReport& report, const Setting& setting) {
  const std::vector<Comparison>& all = report.to_baseline.comparisons;
  return !report.measure || std::any_of(all.begin(), all.end(), [&](const Comparison& c) {
    return c.dataset == setting.dataset && c.context_tokens == setting.context_tokens;
  });
}

// The baseline and the methods that have a row at `amount`.
std::vector<std::string> methods_at(const ReportContent& content, const Setting& setting,
                                    double amount) {
  std::vector<std::string> methods = {content.report.baseline};
  for (const FigureRow& row : content.rows) {
    if (setting.holds(row) && row.group.amount() == amount &&
        row.group.method != content.report.baseline) {
      methods.push_back(row.group.method);
    }
  }
  return methods;
}

}  // namespace

namespace {

// How many cells of matrices the page still has room for.
struct Room {
  std::size_t cells = 0;
  std::size_t left_out = 0;  // matrices
};

// One matrix for each setting and amount of `report`; the first is open where `opens`.
std::string matrices_of(const ReportContent& content, const ComparisonReport& report, bool opens,
                        Room& room) {
  const Pairs pairs = pairs_of(report);
  std::string matrices;
  for (const Setting& setting : settings_of(content.rows)) {
    for (const double amount : amounts_of(content.rows, content.report.baseline)) {
      const std::vector<std::string> methods = methods_at(content, setting, amount);
      if (methods.size() < 2 || !is_compared(report, setting)) continue;
      if (room.cells + methods.size() * methods.size() > kMostMatrixCells) {
        ++room.left_out;
        continue;
      }
      room.cells += methods.size() * methods.size();
      matrices += std::string("<details") + (opens && matrices.empty() ? " open" : "") + ">" +
                  element("summary", setting.text() + ", " + amount_name(content.rows) + " " +
                                         amount_text(content.rows, amount)) +
                  matrix(pairs, setting, amount, methods) + "</details>\n";
    }
  }
  return matrices;
}

std::string families_text(const ComparisonReport& report) {
  return "Against " + report.baseline + ": " + report.to_baseline.name + " (" +
         counted(report.to_baseline.tests(), "test") +
         "); between methods: " + report.pairwise.name + " (" +
         counted(report.pairwise.tests(), "test") + ").";
}

// A metric that is compared by itself, with its own families.
std::string metric_matrices(const ReportContent& content, const ComparisonReport& report,
                            Room& room) {
  const std::string matrices = matrices_of(content, report, /*opens=*/false, room);
  if (matrices.empty()) return "";
  const Measure& measure = *report.measure;
  return element("h3", measure.name) +
         element("p",
                 "better, worse: of " + measure.name + ", of which " + measure.better() +
                     " is better, by its own tests. " + families_text(report),
                 "class=\"notes\"") +
         matrices;
}

}  // namespace

std::string significance_section(const ReportContent& content) {
  Room room;
  std::string matrices = matrices_of(content, content.report, /*opens=*/true, room);
  if (matrices.empty()) return "";
  for (const ComparisonReport& metric : content.report.metrics) {
    matrices += metric_matrices(content, metric, room);
  }
  std::string markup =
      "<section aria-labelledby=\"significance-h\"><h2 id=\"significance-h\">Significance</h2>" +
      element("p",
              std::string("better, worse: the difference of ") +
                  (content.report.judges(Measure::kAnswers)
                       ? "the mean nll - of exact match, where answers are judged by - "
                       : "the mean nll ") +
                  "is significant at 5 % after Holm's "
                  "adjustment, whose p is given; open: it is not. " +
                  families_text(content.report),
              "class=\"notes\"");
  if (room.left_out > 0) {
    markup += element("p", counted(room.left_out, "table") +
                               " left out to keep the page small; significance_tests.json and "
                               "pressroom compare --pairs have every test.");
  }
  return markup + matrices + "</section>\n";
}

}  // namespace pressroom
