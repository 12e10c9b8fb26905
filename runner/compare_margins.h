// What counts as the same where campaigns are compared: --margin, else what their configs say.
//
//   CompareOptions how;
//   take_margins(values, merged.results, how);
//   take_margins_of_configs(campaigns, merged.names, how, heads);
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

#include "results/stored_campaign.h"
#include "stats/comparison.h"

namespace pressroom {

// "0.01", "1%": of perplexity and answers, where no other word names these. "ece=0.02": of a
// metric, in its own unit. Throws Error for what is neither, and for a metric that no cell has.
void take_margins(const boost::program_options::variables_map& values,
                  const std::vector<CellResult>& results, CompareOptions& how);

// What the configs say of margins, where the command line says nothing. Of configs that differ the
// first is taken, and `heads` say so; `names` are those of the campaigns.
void take_margins_of_configs(const std::vector<StoredCampaign>& campaigns,
                             const std::vector<std::string>& names, CompareOptions& how,
                             std::vector<std::string>& heads);

}  // namespace pressroom
