// The model of a campaign as far as it is known before its weights are loaded, which may take
// minutes: what a night's run can be refused for at once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "campaign/campaign.h"
#include "campaign/provenance.h"
#include "model/model.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

struct CampaignModel {
  ModelFiles files;
  ModelDescription description;
  std::unique_ptr<Tokenizer> tokenizer;
  ModelHashes hashes;
};

using Tell = std::function<void(const std::string& message)>;

// Finds the model of `campaign`, checks its contexts, tokenizer and device against it and binds the
// methods to it. Warnings go to `tell`. Throws Error.
CampaignModel find_campaign_model(PreparedCampaign& campaign, const Tell& tell);

// Throws Error where a cell uses more positions than the model was made for, unless the config
// allows it: then it is told.
void check_positions_of_cells(const PreparedCampaign& campaign, const ModelFacts& facts,
                              const Tell& tell);

}  // namespace pressroom
