#include <algorithm>
#include <functional>
#include <map>

#include "report/html/heat_table.h"
#include "report/html/highest_rows.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/table/summary.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostHeatCells = 30000;

bool same_shape(const HeadShares& a, const HeadShares& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const auto& x, const auto& y) { return x.size() == y.size(); });
}

// The mean over the cells of a group that have the shape of the first; empty where none has any.
HeadShares kept_of(const FigureRow& row) {
  HeadShares sum;
  double cells = 0;
  for (const CellResult* cell : row.group.cells) {
    const HeadShares& kept = cell->size_curve.kept;
    if (kept.empty()) continue;
    if (sum.empty()) {
      sum = kept;
    } else if (same_shape(sum, kept)) {
      for (std::size_t l = 0; l < sum.size(); ++l) {
        for (std::size_t h = 0; h < sum[l].size(); ++h) sum[l][h] += kept[l][h];
      }
    } else {
      continue;
    }
    ++cells;
  }
  for (std::vector<double>& layer : sum) {
    for (double& value : layer) value /= cells;
  }
  return sum;
}

bool has_curve(const CellResult& cell) { return !cell.size_curve.kept.empty(); }

}  // namespace

std::string kept_section(const ReportContent& content) {
  std::string tables;
  std::size_t cells = 0;
  std::size_t left_out = 0;
  for (const std::string& dataset : datasets_of(content.rows)) {
    // By context, the largest first: a method may have curves at a smaller one alone.
    std::map<std::int64_t, std::string, std::greater<>> groups;
    for (const FigureRow* row : highest_rows(content, dataset, has_curve)) {
      const HeadShares kept = kept_of(*row);
      const std::size_t size = size_of(kept);
      if (cells + size > kMostHeatCells) {
        ++left_out;
        continue;
      }
      cells += size;
      groups[row->group.context_tokens] += heat_table(row->label(), kept, largest_of(kept));
    }
    for (const auto& [context, group] : groups) {
      tables += std::string("<details") + (tables.empty() ? " open" : "") + ">" +
                element("summary", dataset + ", context " + std::to_string(context)) +
                "<div class=\"heats\">" + group + "</div></details>\n";
    }
  }
  if (tables.empty()) return "";
  std::string markup =
      "<section aria-labelledby=\"kept-h\"><h2 id=\"kept-h\">Kept by layer and head</h2>"
      "<p class=\"notes\">Percent of the entries seen that were held at the end, mean over windows "
      "and seeds: a row a layer, a column a KV head; the darkest is the largest of the method. "
      "Each "
      "method at its highest " +
      std::string(amount_name(content.rows) == "budget" ? "sparsity (smallest budget)"
                                                        : "sparsity") +
      ".</p>";
  if (left_out > 0) {
    markup += element("p", counted(left_out, "method") + " left out to keep the page small.");
  }
  return markup + tables + "</section>\n";
}

}  // namespace pressroom
