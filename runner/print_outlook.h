// What `run --dry-run` says of a directory that has something already.
#pragma once

#include <filesystem>

#include "campaign/campaign.h"

namespace pressroom {

// How many cells of `campaign` are done in `directory`, and which are left, with the reason where a
// result is stored; nothing where there is no directory. Throws Error when the directory holds
// another campaign.
//
//   results/x: 12 done, 1 failed before, 2 changed, 3 to run
//     text  h2o_s0.5_ctx512_seed42  to run again, as method h2o changed: 9f86d081 -> 60303ae2
void print_outlook(const PreparedCampaign& campaign, const std::filesystem::path& directory,
                   const PluginHost& host);

}  // namespace pressroom
