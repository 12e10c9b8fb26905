// How much a campaign evicts: `sparsity`, `budget` or `match`.
#pragma once

#include "config/config.h"
#include "config/section.h"

namespace pressroom {

// Reads the one of the three that `root`, read by `top`, gives into `config`, whose methods are
// read already. None and several are problems in `context`; none will do where nothing is evicted.
void read_amount(const YamlNode& root, SectionReader& top, const ReadContext& context,
                 CampaignConfig& config);

}  // namespace pressroom
