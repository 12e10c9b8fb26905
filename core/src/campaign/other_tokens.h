// Datasets whose labels mean other tokens than the results in a directory were made from: another
// file, other parameters of the reader, or a text that was edited. Their old and new cells would
// stand in one table under one name.
#pragma once

#include <filesystem>
#include <vector>

#include "campaign/jobs.h"
#include "pressroom/error.h"
#include "results/plan_json.h"

namespace pressroom {

// A problem for each such dataset. Of each dataset, context and seed that `before` has, one result
// is read. What older versions wrote, and did not say what it was made from, is not looked at.
void add_other_tokens(const std::vector<Job>& jobs, const StoredPlan& before,
                      const std::filesystem::path& directory, std::vector<Problem>& problems);

}  // namespace pressroom
