// What stands under the tables of a comparison: the unit, the tests, their families.
#pragma once

#include <string>
#include <vector>

#include "report/comparison/comparison_view.h"

namespace pressroom {

// One sentence or two a line. `pairs`: the table of every two methods is shown.
std::vector<std::string> comparison_notes(const ComparisonView& view, bool pairs);

}  // namespace pressroom
