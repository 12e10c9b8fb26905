// A result cut down to some of its documents: those that another campaign has as well.
//
//   keep_documents({true, false, true}, result);   // the first and the third of three
#pragma once

#include <vector>

#include "results/cell.h"

namespace pressroom {

// Leaves of `result` the documents that are true in `is_shared`, which has one entry for each.
// Metrics that tell of documents tell of these from then on: their value, which was pooled over all
// documents and cannot be pooled anew in core, becomes the mean of what is left.
void keep_documents(const std::vector<bool>& is_shared, CellResult& result);

}  // namespace pressroom
