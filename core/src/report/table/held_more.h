// Which methods of one sparsity had more to work with than the others: what a method holds at the
// end says nothing of what it held before, and one that evicts every so many steps holds more.
//
//   held_more({140, 92, 92, 91})   ->  {true, false, false, false}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stats/cell_groups.h"

namespace pressroom {

// `held`: entries a head, mean over steps, of each method; absent where it was not measured. Marked
// is what is over 5 % above the others' median (of an even number the smaller one of the middle).
std::vector<bool> held_more(const std::vector<std::optional<double>>& held);

// One for each of `groups`, each among those of its sparsity, dataset and context; none for the
// baseline. By the metric mean_cache_entries, mean over seeds.
std::vector<bool> held_more(const std::vector<CellGroup>& groups, const std::string& baseline);

}  // namespace pressroom
