// What `run --dry-run` prints: the cells of a campaign, what they cost, and what its directory has
// of them already.
#pragma once

#include <filesystem>

#include "campaign/prepared_campaign.h"
#include "plugin/host.h"

namespace pressroom {

// Cells and what they cost: tokens, and arithmetic from the model's shape. Reads the model's
// description alone. Throws Error where the campaign cannot be run on it.
void print_plan(const PreparedCampaign& campaign);

// How many cells of `campaign` are done in `directory`, and which are left, with the reason where a
// result is stored; nothing where there is no directory.
//
//   results/x: 12 done, 1 failed before, 2 changed, 3 to run
//     text  h2o_s0.5_ctx512_seed42  to run again, as method h2o changed: 9f86d081 -> 60303ae2
//
// Where the directory has another config, what has changed and what an extension comes to; for that
// texts are read and the model's files hashed. Throws Error when the directory cannot be extended.
//
//   results/x: the config has changed: h2o.recent 0.5 -> 0.3
//     0 cells new, 72 to run again (h2o.recent 0.5 -> 0.3), 378 reused
void print_outlook(PreparedCampaign& campaign, const std::filesystem::path& directory,
                   const PluginHost& host);

}  // namespace pressroom
