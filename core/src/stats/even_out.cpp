#include "stats/even_out.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pressroom {

void even_out(std::vector<PairedUnit>& units, double largest) {
  // Both numbers, their difference and its mean over seeds are rounded.
  const double noise = 8 * std::numeric_limits<double>::epsilon() * largest;
  std::vector<PairedUnit*> by_size;
  by_size.reserve(units.size());
  for (PairedUnit& unit : units) by_size.push_back(&unit);
  std::sort(by_size.begin(), by_size.end(), [](const PairedUnit* a, const PairedUnit* b) {
    return std::abs(a->difference) < std::abs(b->difference);
  });
  double size = 0;  // of the present stretch: the first, so that stretches do not creep
  for (PairedUnit* unit : by_size) {
    if (std::abs(unit->difference) - size > noise) size = std::abs(unit->difference);
    unit->difference = size == 0 ? 0 : std::copysign(size, unit->difference);
  }
}

}  // namespace pressroom
