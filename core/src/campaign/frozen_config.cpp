#include "campaign/frozen_config.h"

#include "pressroom/error.h"
#include "results/stored_cell.h"

namespace pressroom {

std::string frozen_yaml(CampaignConfig config) {
  config.threads = 0;
  return to_yaml(config);
}

void check_stored_config(const std::filesystem::path& directory, const std::string& yaml) {
  const std::filesystem::path file = directory / "config.yaml";
  if (!std::filesystem::exists(file) || read_campaign_file(file) == yaml) return;
  throw Error({"the output directory holds another campaign", file.string(),
               "the config this directory was started with", "a config that resolves differently",
               "choose another directory with --out, or run the old config to finish it"});
}

}  // namespace pressroom
