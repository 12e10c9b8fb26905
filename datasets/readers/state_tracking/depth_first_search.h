// Depth-first searches of a small random graph, told step by step.
//
//   const Procedure search = depth_first_search(key, 4, 1);
//   search.rules;            // "A: C, B\nB: A, D\nC: A\nD: B"
//   search.runs[0].start;    // "A"
//   search.runs[0].lines;    // "Step 1: visit A, path A.", "Step 2: visit C, path A-C.",
//                            // "Step 3: back to A, path A." ...
#pragma once

#include <cstddef>

#include "pressroom/random.h"
#include "procedure.h"

namespace pressroom {

// Nodes that have names: A to Z, AA to ZZ.
inline constexpr std::size_t kMostNodes = 26 + 26 * 26;

// `runs` searches from different nodes of a connected graph of `nodes` nodes, which has nodes - 1
// edges and up to half as many more. A search takes the first neighbour of a line that was not
// visited, goes back where there is none, and ends at its start: 2 * nodes - 1 steps.
// 1 <= runs <= nodes <= kMostNodes.
Procedure depth_first_search(RandomKey key, std::size_t nodes, std::size_t runs);

}  // namespace pressroom
