// Where numbers come from: everything a result depends on, as hashes and versions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "campaign/plan.h"
#include "campaign/sampling.h"
#include "config/config.h"
#include "model/model.h"

namespace pressroom {

// SHA-256 of the files a model is made of.
struct ModelHashes {
  std::string config;
  std::string weights;
  std::string tokenizer;
};
ModelHashes hash_model(const std::filesystem::path& directory);

// SHA-256 of everything the result of `planned` depends on: model files, the windows with their
// token ids, the method's file and parameters, the metrics' files, protocol, budget, positions,
// seed, and the versions of Pressroom and libtorch.
std::string content_key(const PlannedCell& planned, const CampaignConfig& config,
                        const ModelHashes& model, const std::vector<Window>& windows,
                        const PluginHost& host);

// provenance.json: versions, machine, model, plugins, command line.
nlohmann::ordered_json provenance(const CampaignConfig& config, const Model& model,
                                  const ModelHashes& hashes, const PluginHost& host,
                                  const std::vector<std::string>& command_line);

}  // namespace pressroom
