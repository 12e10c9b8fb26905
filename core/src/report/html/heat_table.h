// A share for each KV head of a model, as a table in colours: a row a layer, a column a KV head.
//
//   heat_table("h2o, sparsity 0.9", kept, largest_of(kept))
#pragma once

#include <string>
#include <vector>

namespace pressroom {

using HeadShares = std::vector<std::vector<double>>;  // [layer][kv_head], 0 .. 1

// How many numbers there are.
std::size_t size_of(const HeadShares& shares);

// The largest share that is finite; 0 where there is none.
double largest_of(const HeadShares& shares);

// In percent. The colour is darkest at `darkest`; what is not finite counts as 0.
std::string heat_table(const std::string& caption, const HeadShares& shares, double darkest);

}  // namespace pressroom
