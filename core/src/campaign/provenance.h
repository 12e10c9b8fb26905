// Where numbers come from: everything a result depends on, as hashes and versions.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "campaign/plan.h"
#include "campaign/sampling.h"
#include "config/config.h"
#include "model/model.h"

namespace pressroom {

// SHA-256 of the files a model is made of; of sharded weights, that of the hashes of the index and
// of its shards in order.
struct ModelHashes {
  std::string config;
  std::string weights;
  std::string tokenizer;
  std::vector<std::int64_t> end_ids = {};  // that end a text which is generated
};
ModelHashes hash_model(const ModelFiles& files);

// Everything the result of `planned` depends on: model files, the windows with their token ids, the
// method's file and parameters and what is in the `method_files` it reads, the metrics' files,
// protocol, budget, positions, seed, and the versions of Pressroom and libtorch. made_from() has
// its parts by name.
nlohmann::ordered_json content_parts(const PlannedCell& planned, const CampaignConfig& config,
                                     const ModelHashes& model, const std::vector<Window>& windows,
                                     const std::vector<std::string>& method_files,
                                     const PluginHost& host);

// The content key of a result: SHA-256 of the parts.
std::string content_key(const nlohmann::ordered_json& parts);
std::string content_key(const PlannedCell& planned, const CampaignConfig& config,
                        const ModelHashes& model, const std::vector<Window>& windows,
                        const std::vector<std::string>& method_files, const PluginHost& host);

// SHA-256 of a method as a config uses it: its file and parameters, and those of the methods in it.
std::string method_sha256(const PluginUse& use, const PluginHost& host);

// provenance.json: versions, machine, model, plugins, what the datasets were read from, command
// line. `datasets` are those of the config, in order, after their documents were read.
nlohmann::ordered_json provenance(const CampaignConfig& config, const ModelFiles& files,
                                  const ModelDescription& model, const ModelHashes& hashes,
                                  const std::vector<std::unique_ptr<DatasetReader>>& datasets,
                                  const PluginHost& host,
                                  const std::vector<std::string>& command_line);

}  // namespace pressroom
