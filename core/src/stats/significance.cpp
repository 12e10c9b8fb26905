#include "stats/significance.h"

#include <algorithm>
#include <cstddef>

namespace pressroom {

std::vector<std::optional<double>> holm(const std::vector<std::optional<double>>& p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    // Without a p nothing was tested, and it does not count towards the family.
    if (p[i]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&p](std::size_t a, std::size_t b) { return *p[a] < *p[b]; });

  std::vector<std::optional<double>> adjusted(p.size());
  double largest = 0;  // of the scaled p so far: a larger p never gets a smaller adjusted one
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double scaled = static_cast<double>(order.size() - rank) * *p[order[rank]];
    largest = std::min(1.0, std::max(largest, scaled));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

}  // namespace pressroom
