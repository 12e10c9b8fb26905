// Which of a campaign's eviction traces the report shows.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "results/stored_campaign.h"

namespace pressroom {

struct ChosenTrace {
  const Cell* cell = nullptr;  // borrowed from the campaign
  std::filesystem::path file;
};

struct TraceChoice {
  std::vector<ChosenTrace> shown;  // by method; of one method the highest sparsity first
  std::size_t left_out = 0;        // sparsities in between
};

// For each method but `baseline`, at its highest and its lowest sparsity: the first window with a
// trace, at the largest context of the first dataset with traces, of the smallest seed.
TraceChoice choose_traces(const StoredCampaign& campaign, const std::string& baseline);

}  // namespace pressroom
