#include "report/html/heat_table.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"
#include "report/html/html_text.h"

namespace pressroom {

std::size_t size_of(const HeadShares& shares) {
  std::size_t size = 0;
  for (const std::vector<double>& layer : shares) size += layer.size();
  return size;
}

double largest_of(const HeadShares& shares) {
  double largest = 0;
  for (const std::vector<double>& layer : shares) {
    for (const double share : layer) {
      if (std::isfinite(share)) largest = std::max(largest, share);
    }
  }
  return largest;
}

std::string heat_table(const std::string& caption, const HeadShares& shares, double darkest) {
  std::size_t heads = 0;
  for (const std::vector<double>& layer : shares) heads = std::max(heads, layer.size());
  std::string markup = "<div class=\"box heat\" tabindex=\"0\"><table>" +
                       element("caption", caption) + "<thead><tr><th scope=\"col\">layer</th>";
  for (std::size_t h = 0; h < heads; ++h) {
    markup += "<th scope=\"col\"><span class=\"vh\">KV head </span>" + std::to_string(h) + "</th>";
  }
  markup += "</tr></thead><tbody>";
  for (std::size_t l = 0; l < shares.size(); ++l) {
    markup += "<tr><th scope=\"row\">" + std::to_string(l) + "</th>";
    for (const double value : shares[l]) {
      const double share = std::isfinite(value) ? std::clamp(value, 0.0, 1.0) : 0;
      const double depth = darkest > 0 ? share / std::max(darkest, share) : 0;
      markup += "<td style=\"--v:" + fixed(depth, 2) + "\" title=\"" + fixed(100 * share, 2) +
                " %\">" + fixed(100 * share, 0) + "</td>";
    }
    markup += "</tr>";
  }
  return markup + "</tbody></table></div>";
}

}  // namespace pressroom
