#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "base/number_text.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/table/summary.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostHeatCells = 30000;

using Kept = std::vector<std::vector<double>>;  // [layer][kv_head]

bool same_shape(const Kept& a, const Kept& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const auto& x, const auto& y) { return x.size() == y.size(); });
}

// The mean over the cells of a group that have the shape of the first; empty where none has any.
Kept kept_of(const FigureRow& row) {
  Kept sum;
  double cells = 0;
  for (const CellResult* cell : row.group.cells) {
    const Kept& kept = cell->size_curve.kept;
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

std::string heat_table(const FigureRow& row, const Kept& kept) {
  std::size_t heads = 0;
  double most = 0;
  for (const auto& layer : kept) {
    heads = std::max(heads, layer.size());
    for (const double value : layer) {
      if (std::isfinite(value)) most = std::max(most, value);
    }
  }
  std::string markup = "<div class=\"box heat\" tabindex=\"0\"><table>" +
                       element("caption", row.label()) + "<thead><tr><th scope=\"col\">layer</th>";
  for (std::size_t h = 0; h < heads; ++h) {
    markup += "<th scope=\"col\"><span class=\"vh\">KV head </span>" + std::to_string(h) + "</th>";
  }
  markup += "</tr></thead><tbody>";
  for (std::size_t l = 0; l < kept.size(); ++l) {
    markup += "<tr><th scope=\"row\">" + std::to_string(l) + "</th>";
    for (const double value : kept[l]) {
      const double share = std::isfinite(value) ? std::clamp(value, 0.0, 1.0) : 0;
      markup += "<td style=\"--v:" + fixed(most > 0 ? share / std::max(most, share) : 0, 2) +
                "\" title=\"" + fixed(100 * share, 2) + " %\">" + fixed(100 * share, 0) + "</td>";
    }
    markup += "</tr>";
  }
  return markup + "</tbody></table></div>";
}

// The row of each method with a curve at the largest context, at its highest sparsity.
std::vector<const FigureRow*> rows_to_show(const ReportContent& content,
                                           const std::string& dataset) {
  std::vector<const FigureRow*> chosen;
  for (const std::string& method : content.methods) {
    if (method == content.report.baseline) continue;
    const FigureRow* best = nullptr;
    for (const FigureRow& row : content.rows) {
      if (row.group.method != method || row.group.dataset != dataset) continue;
      const bool has =
          std::any_of(row.group.cells.begin(), row.group.cells.end(),
                      [](const CellResult* cell) { return !cell->size_curve.kept.empty(); });
      if (!has) continue;
      const auto weight = [](const FigureRow& r) {
        return std::make_pair(r.group.context_tokens, r.group.sparsity);
      };
      if (best == nullptr || weight(row) > weight(*best)) best = &row;
    }
    if (best != nullptr) chosen.push_back(best);
  }
  return chosen;
}

}  // namespace

std::string kept_section(const ReportContent& content) {
  std::string tables;
  std::size_t cells = 0;
  std::size_t left_out = 0;
  for (const std::string& dataset : datasets_of(content.rows)) {
    // By context, the largest first: a method may have curves at a smaller one alone.
    std::map<std::int64_t, std::string, std::greater<>> groups;
    for (const FigureRow* row : rows_to_show(content, dataset)) {
      const Kept kept = kept_of(*row);
      const std::size_t size = kept.size() * (kept.empty() ? 0 : kept.front().size());
      if (cells + size > kMostHeatCells) {
        ++left_out;
        continue;
      }
      cells += size;
      groups[row->group.context_tokens] += heat_table(*row, kept);
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
