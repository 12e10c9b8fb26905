#include "campaign/campaign.h"

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "campaign/directory.h"
#include "campaign/provenance.h"
#include "campaign/run_cell.h"
#include "engine/threads.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

class CampaignRun {
 public:
  CampaignRun(PreparedCampaign& campaign, const std::filesystem::path& directory, PluginHost& host,
              CampaignObserver& observer)
      : campaign_(campaign),
        config_(campaign.config),
        host_(host),
        observer_(observer),
        directory_(directory),
        threads_(config_.threads > 0 ? config_.threads : available_cores()) {
    control_.stop_requested = [this] { return observer_.stop_requested(); };
    control_.on_tokens = [this](std::int64_t tokens) { observer_.on_tokens(tokens); };
  }

  std::vector<CellResult> run(const std::vector<std::string>& command_line) {
    CampaignConfig frozen = config_;
    frozen.threads = 0;  // how fast, not what
    directory_.freeze_config(to_yaml(frozen));
    load_model();
    const nlohmann::ordered_json origin =
        provenance(config_, *model_, hashes_, host_, command_line);
    directory_.write("provenance.json", origin.dump(1) + "\n");
    directory_.log_event({{"event", "begin"}, {"cells", campaign_.cells.size()}});
    std::int64_t tokens = 0;
    for (const PlannedCell& planned : campaign_.cells) {
      tokens += planned.cell.context_tokens * config_.protocol.documents;
    }
    observer_.on_plan(campaign_.cells, tokens);
    std::vector<CellResult> results;
    try {
      for (const PlannedCell& planned : campaign_.cells) results.push_back(finish(planned));
    } catch (const Interrupted&) {
      directory_.log_event({{"event", "interrupted"}});
      throw;
    }
    directory_.log_event({{"event", "end"}});
    return results;
  }

 private:
  void load_model() {
    set_product_threads(threads_);
    const std::filesystem::path place = find_model(config_.model);
    model_ = Model::load(place);
    tokenizer_ = Tokenizer::load(place / "tokenizer.json");
    if (tokenizer_->vocabulary_size() > model_->facts().vocabulary) {
      throw Error({"the tokenizer has ids that the model does not know",
                   (place / "tokenizer.json").string(),
                   "at most " + std::to_string(model_->facts().vocabulary) + " ids",
                   std::to_string(tokenizer_->vocabulary_size()),
                   "use the tokenizer that came with the model"});
    }
    hashes_ = hash_model(place);
    if (blas_in_use() == "reference BLAS") {
      observer_.on_message(
          "products run on the reference BLAS, many times slower than OpenBLAS: "
          "install libopenblas0-pthread");
    }
  }

  // Windows are the same for all cells of a dataset, context and seed, which follow each other.
  const std::vector<Window>& windows_of(const PlannedCell& planned) {
    const auto group =
        std::make_tuple(planned.dataset, planned.cell.context_tokens, planned.cell.seed);
    if (windows_.empty() || group != windows_group_) {
      try {
        windows_ = sample_windows(*campaign_.datasets[planned.dataset], *tokenizer_,
                                  planned.cell.context_tokens, config_.protocol.documents,
                                  planned.cell.seed);
      } catch (const Error& error) {
        Problem problem = error.problems().front();
        if (problem.where.empty()) problem.where = "dataset " + planned.cell.dataset;
        throw Error(problem);
      }
      windows_group_ = group;
    }
    return windows_;
  }

  CellResult finish(const PlannedCell& planned) {
    const std::vector<Window>& windows = windows_of(planned);
    const std::string folder = config_.datasets.size() > 1 ? planned.cell.dataset : "";
    const std::string key = content_key(planned, config_, hashes_, windows, host_);
    if (std::optional<CellResult> stored = directory_.load_cell(planned.cell, folder, key)) {
      observer_.on_cell_end(*stored, true);
      return *stored;
    }
    observer_.on_cell_begin(planned);
    CellResult result = run_cell(planned, *campaign_.methods[planned.method], *model_, windows,
                                 campaign_.metrics, threads_, control_);
    result.content_key = key;
    directory_.store_cell(result, folder);
    directory_.log_event({{"event", result.error.empty() ? "cell" : "cell failed"},
                          {"cell", planned.cell.file_stem()},
                          {"dataset", planned.cell.dataset},
                          {"seconds", result.seconds},
                          {"error", result.error}});
    observer_.on_cell_end(result, false);
    return result;
  }

  PreparedCampaign& campaign_;
  const CampaignConfig& config_;
  PluginHost& host_;
  CampaignObserver& observer_;
  CampaignDirectory directory_;
  std::int64_t threads_;
  RunControl control_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Tokenizer> tokenizer_;
  ModelHashes hashes_;
  std::vector<Window> windows_;
  std::tuple<std::size_t, std::int64_t, std::uint64_t> windows_group_;
};

}  // namespace

PreparedCampaign prepare_campaign(CampaignConfig config, PluginHost& host) {
  PreparedCampaign campaign;
  campaign.config = std::move(config);
  for (const PluginUse& use : campaign.config.methods) {
    campaign.methods.push_back(make_configured_method(use, host));
  }
  for (const PluginUse& use : campaign.config.datasets) {
    campaign.datasets.push_back(make_configured_dataset(use, host));
  }
  for (const PluginUse& use : campaign.config.metrics) {
    campaign.metrics.push_back(make_configured_metric(use, host));
  }
  campaign.cells = plan_cells(campaign.config, campaign.methods);
  return campaign;
}

std::vector<CellResult> run_campaign(PreparedCampaign& campaign,
                                     const std::filesystem::path& directory, PluginHost& host,
                                     const std::vector<std::string>& command_line,
                                     CampaignObserver& observer) {
  return CampaignRun(campaign, directory, host, observer).run(command_line);
}

}  // namespace pressroom
