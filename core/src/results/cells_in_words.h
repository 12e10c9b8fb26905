// Many cells in few words, for messages that are about all of them.
//
//   cells_in_words(cells) == "snapkv_s0.9 in 6 cells: datasets books, papers, context 256, "
//                            "seeds 1, 2, 3"
#pragma once

#include <string>
#include <vector>

#include "results/cell.h"

namespace pressroom {

// Methods with their amounts, datasets, contexts and seeds, where `cells` are all that these make;
// else the cells one by one. Of each the first few.
std::string cells_in_words(const std::vector<Cell>& cells);

// The first few of `words`, with `between` between them, and "..." behind where there are more.
constexpr std::size_t kMostListed = 8;
std::string first_few(const std::vector<std::string>& words, const char* between);

}  // namespace pressroom
