// The two doors by which a user runs a method: `score`, on token ids, and a campaign of one window.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "campaign/campaign.h"
#include "campaign/score.h"
#include "config/plugin_use.h"
#include "scratch_folder.h"
#include "test_folders.h"

namespace pressroom {

class UserDoors {
 public:
  // `model`: a folder with a tokenizer; `text`: what a campaign reads.
  UserDoors(std::filesystem::path model, const std::string& text) : model_(std::move(model)) {
    write_file(folder_.path() / "text/one.txt", text);
  }

  ScoreRequest request(const std::string& method, const std::string& protocol,
                       const std::vector<std::int64_t>& ids, std::optional<double> sparsity) {
    write_file(folder_.path() / "ids.json", nlohmann::json(ids).dump());
    ScoreRequest request;
    request.model = model_.string();
    request.ids_file = (folder_.path() / "ids.json").string();
    request.protocol = parse_protocol(protocol, "the test");
    request.method = parse_plugin_use(method, PluginKind::kMethod, "the test", host_);
    request.sparsity = sparsity;
    request.threads = 1;
    return request;
  }

  ScoreResult score(const ScoreRequest& request) {
    return score_document(request, host_, RunControl());
  }

  // `methods` and `sparsity` as in YAML, `protocol` with its context.
  std::vector<CellResult> campaign(const std::string& methods, const std::string& protocol,
                                   const std::string& sparsity) {
    const std::string yaml =
        "name: doors\nmodel: " + model_.string() + "\nprotocol: " + protocol +
        "\ndatasets: {reader: text, path: " + (folder_.path() / "text").string() +
        "}\nmethods: " + methods + "\nsparsity: " + sparsity +
        "\nmetrics: [perplexity]\nthreads: 1\n";
    write_file(folder_.path() / "campaign.yaml", yaml);
    PreparedCampaign campaign =
        prepare_campaign(load_config(folder_.path() / "campaign.yaml", {}, host_), host_);
    CampaignObserver observer;
    const std::string out = "out" + std::to_string(++campaigns_);
    return run_campaign(campaign, folder_.path() / out, host_, {"pressroom", "run"}, observer);
  }

  PluginHost& host() { return host_; }

 private:
  ScratchFolder folder_;
  std::filesystem::path model_;
  PluginHost host_{{plugin_dir()}};
  int campaigns_ = 0;
};

}  // namespace pressroom
