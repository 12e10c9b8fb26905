// A campaign before its weights are loaded, which may take minutes: everything that a night's run
// can be refused for at once is found here.
//
//   PreparedCampaign campaign = prepare_campaign(config, host);     // plugins made, cells planned
//   const CampaignModel model = find_campaign_model(campaign, tell);   // methods bound to it
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admission/admitted_run.h"
#include "campaign/campaign_metric.h"
#include "campaign/plan.h"
#include "campaign/provenance.h"
#include "config/config.h"
#include "model/model.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// A config with its plugins made and its cells planned: everything that can be wrong with a
// campaign before a model is loaded has been checked.
struct PreparedCampaign {
  CampaignConfig config;
  std::vector<std::unique_ptr<Method>> methods;          // as in the config
  std::vector<std::unique_ptr<DatasetReader>> datasets;  // as in the config
  std::vector<CampaignMetric> metrics;                   // as in the config
  // Look whether methods write to what they are shown: those of the installation, too.
  bool check_views = false;
  // Its plugins are held to the plugins.lock of its directory, which stays as it is.
  bool is_locked = false;
  std::vector<PlannedCell> cells;
};

// Makes the plugins of `config` and plans its cells. Throws Error with what cannot be run.
PreparedCampaign prepare_campaign(CampaignConfig config, PluginHost& host);

// The model of a campaign as far as it is known before its weights are loaded.
struct CampaignModel {
  ModelFiles files;
  ModelDescription description;
  std::unique_ptr<Tokenizer> tokenizer;
  ModelHashes hashes;
};

using WarningSink = std::function<void(const std::string& message)>;

// What can be said of `campaign` from the description of its model alone, before anything of it is
// read or hashed: throws Error for contexts that are longer than it takes and for cells that use
// more positions than it was made for. Cells that await their calibration are passed over.
ModelDescription check_against_model(const PreparedCampaign& campaign, const ModelFiles& files);

// Finds the model of `campaign`, checks its contexts, tokenizer and device against it and binds the
// methods to it. Warnings go to `tell`. Throws Error.
CampaignModel find_campaign_model(PreparedCampaign& campaign, const WarningSink& tell);

// What the model of `config` allows its runs.
ModelLimits limits_of(const CampaignConfig& config, const ModelFacts& facts);

// Throws Error where cells use more positions than the model was made for, each reason once, unless
// the config allows it: then it is told. Cells that await their calibration are passed over.
void check_positions_of_cells(const PreparedCampaign& campaign, const ModelFacts& facts,
                              const WarningSink& tell);

}  // namespace pressroom
